//! What each test is worth: the bugs that it notices, and what it costs.

use std::collections::BTreeSet;

use serde::Serialize;

use super::tally::Tally;

/// What a test is worth.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Worth {
    pub(super) test: String,
    /// The bugs that it notices reliably.
    pub(super) notices: usize,
    /// Those that no other test notices reliably.
    pub(super) alone: Vec<String>,
    /// The processor time of a run, on average.
    pub(super) cpu_seconds: f64,
}

/// What each test is worth, in the order of the tests.
pub(super) fn worth(tallies: &[Tally]) -> Vec<Worth> {
    let mut tests: Vec<&str> = Vec::new();
    let runs = || tallies.iter().flat_map(|tally| &tally.seeds).flat_map(|seed| &seed.runs);
    let mut known = BTreeSet::new();
    tests.extend(runs().map(|run| run.test.as_str()).filter(|test| known.insert(*test)));
    let noticing: Vec<(&str, Vec<&str>)> =
        tallies.iter().map(|tally| (tally.bug.name.as_str(), noticing(tally, &tests))).collect();
    let worth = |test: &&str| {
        let noticed = noticing.iter().filter(|(_, noticing)| noticing.contains(test));
        let alone = noticed.clone().filter(|(_, noticing)| noticing.len() == 1);
        let costs: Vec<f64> =
            runs().filter(|run| run.test == **test).map(|run| run.cpu_seconds).collect();
        Worth {
            test: (*test).to_owned(),
            notices: noticed.count(),
            alone: alone.map(|(bug, _)| (*bug).to_owned()).collect(),
            cpu_seconds: costs.iter().sum::<f64>() / costs.len().max(1) as f64,
        }
    };
    tests.iter().map(worth).collect()
}

/// The tests that notice a bug with at least half of the seeds.
fn noticing<'a>(tally: &Tally, tests: &[&'a str]) -> Vec<&'a str> {
    let fails = |test: &&str| {
        let runs =
            || tally.seeds.iter().flat_map(|seed| &seed.runs).filter(|run| run.test == *test);
        let failed = runs().filter(|run| run.has_failed()).count();
        failed > 0 && 2 * failed >= runs().count()
    };
    tests.iter().copied().filter(fails).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tally::tests::tally;
    use super::worth;

    #[test]
    fn a_test_is_worth_what_it_alone_notices() {
        let worth = worth(&[
            tally("both", "", &["FF", "FF"]),
            tally("second", "", &[".F", "rF"]),
            tally("hardly", "", &["F.", "..", ".."]),
        ]);
        let shown: Vec<_> = worth.iter().map(|test| (test.notices, test.alone.join(","))).collect();
        assert_eq!(shown, [(1, String::new()), (2, "second".to_owned())]);
        assert_eq!(worth[0].test, "2A::test_0");
        assert!((worth[0].cpu_seconds - 0.25).abs() < 1e-9);
    }
}
