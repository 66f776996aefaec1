//! What the runs of a bug have shown.

use records::{Class, Record};
use serde::Serialize;

use super::bug::Bug;
use super::mark;

/// Whether so many seeds of so many are enough for a bug to count as noticed: three quarters.
pub(super) fn is_enough(noticed: usize, seeds: usize) -> bool {
    seeds > 0 && 4 * noticed >= 3 * seeds
}

/// The runs of one bug.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(super) bug: Bug,
    /// Why it has no runs.
    pub(super) problem: Option<String>,
    /// In the order of the seeds.
    pub(super) seeds: Vec<SeedRuns>,
}

/// The runs of a stage with one seed, in the order of the tests.
#[derive(Debug)]
pub(super) struct SeedRuns {
    pub(super) index: u64,
    pub(super) runs: Vec<Run>,
}

/// One run of a test.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) test: String,
    pub(super) class: Class,
    pub(super) expected: String,
    pub(super) seen: String,
    pub(super) cpu_seconds: f64,
    /// Whether it came to the mistake.
    pub(super) has_reached: bool,
}

/// What there is to say about a bug.
#[derive(Debug, Serialize)]
pub(crate) struct Finding<'a> {
    #[serde(flatten)]
    pub(super) bug: &'a Bug,
    pub(super) problem: Option<&'a str>,
    pub(super) seeds: usize,
    /// The seeds with a run that came to the mistake.
    pub(super) reached: usize,
    /// The seeds with a test that failed.
    pub(super) noticed: usize,
    /// How many seeds it takes to the first failure.
    pub(super) seeds_to_first: Option<u64>,
    /// The test that fails first with that seed.
    pub(super) first_test: Option<&'a str>,
    /// The commonest failure.
    pub(super) headline: Option<Headline<'a>>,
    pub(super) faults: usize,
}

/// A failure of a test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Headline<'a> {
    pub(super) test: &'a str,
    pub(super) class: Class,
    pub(super) expected: &'a str,
    pub(super) seen: &'a str,
}

impl Run {
    /// What counts of a record.
    pub(super) fn of(record: Record) -> Self {
        Run {
            has_reached: mark::is_in(&record.printed),
            cpu_seconds: record.cpu_seconds.unwrap_or(record.wall_seconds),
            test: record.test,
            class: record.class,
            expected: record.expected,
            seen: record.seen,
        }
    }

    /// Whether the test has noticed the bug.
    pub(super) fn has_failed(&self) -> bool {
        self.class != Class::Pass && self.class.is_verdict()
    }
}

impl SeedRuns {
    pub(super) fn first_failure(&self) -> Option<&Run> {
        self.runs.iter().find(|run| run.has_failed())
    }
}

impl Tally {
    pub(super) fn new(bug: Bug) -> Self {
        Tally { bug, problem: None, seeds: Vec::new() }
    }

    /// Adds the runs of a seed.
    pub(super) fn add(&mut self, seed: SeedRuns) {
        let place = self.seeds.partition_point(|other| other.index < seed.index);
        self.seeds.insert(place, seed);
    }

    pub(super) fn noticed(&self) -> usize {
        self.seeds.iter().filter(|seed| seed.first_failure().is_some()).count()
    }

    /// What there is to say.
    pub(crate) fn finding(&self) -> Finding<'_> {
        let first =
            self.seeds.iter().find_map(|seed| Some((seed.index + 1, seed.first_failure()?)));
        let runs = || self.seeds.iter().flat_map(|seed| &seed.runs);
        let has_reached = |seed: &&SeedRuns| seed.runs.iter().any(|run| run.has_reached);
        Finding {
            bug: &self.bug,
            problem: self.problem.as_deref(),
            seeds: self.seeds.len(),
            reached: self.seeds.iter().filter(has_reached).count(),
            noticed: self.noticed(),
            seeds_to_first: first.map(|(seeds, _)| seeds),
            first_test: first.map(|(_, run)| run.test.as_str()),
            headline: self.headline(),
            faults: runs().filter(|run| run.class == Class::Fault).count(),
        }
    }

    /// The commonest failure: of the kind that most seeds begin with, the first one.
    fn headline(&self) -> Option<Headline<'_>> {
        let failures: Vec<&Run> = self.seeds.iter().filter_map(SeedRuns::first_failure).collect();
        let kind = |run: &Run| (run.test.clone(), run.class);
        let count = |run: &Run| failures.iter().filter(|other| kind(other) == kind(run)).count();
        // `max_by_key` takes the last one of several.
        let run = failures.iter().rev().max_by_key(|run| count(run))?;
        Some(Headline {
            test: &run.test,
            class: run.class,
            expected: &run.expected,
            seen: &run.seen,
        })
    }
}

impl Finding<'_> {
    /// Whether the tests notice the bug reliably, or need not, and say what they must of it.
    pub(super) fn is_well(&self) -> bool {
        !self.is_missed() && self.unsaid().is_none()
    }

    /// Whether the tests do not notice the bug reliably although they must, or have not run as they should.
    pub(super) fn is_missed(&self) -> bool {
        let is_noticed = is_enough(self.noticed, self.seeds) || self.bug.excuse.is_some();
        self.problem.is_some() || self.faults > 0 || !is_noticed
    }

    /// The words that the commonest failure should contain, if it does not.
    pub(super) fn unsaid(&self) -> Option<&str> {
        let (says, headline) = (self.bug.says.as_deref()?, self.headline.as_ref()?);
        let is_said = [headline.expected, headline.seen].iter().any(|text| text.contains(says));
        (!is_said).then_some(says)
    }
}

/// Whether all bugs that must be noticed are noticed reliably.
pub(crate) fn all_noticed(tallies: &[Tally]) -> bool {
    tallies.iter().all(|tally| tally.finding().is_well())
}

#[cfg(test)]
pub(super) mod tests {
    use records::Class;

    use super::{Bug, Run, SeedRuns, Tally, is_enough};

    /// The tally of a bug. Each text is a seed, and each letter in it a run: `.` passes, `r` comes to the
    /// mistake and passes, `F` and `P` fail in two ways, `X` is a fault of the harness.
    pub(in crate::bugs) fn tally(name: &str, header: &str, seeds: &[&str]) -> Tally {
        let text = format!("Stage: 2A\nRule: the rule\nSource: own\n{header}\n--- a/x\n");
        let mut tally = Tally::new(Bug::parse(name, &text).expect("the header is whole"));
        for (index, runs) in seeds.iter().enumerate() {
            let runs = runs.chars().enumerate().map(|(test, letter)| run(test, letter)).collect();
            tally.add(SeedRuns { index: index as u64, runs });
        }
        tally
    }

    fn run(test: usize, letter: char) -> Run {
        let class = match letter {
            'F' => Class::Assertion,
            'P' => Class::Panic,
            'X' => Class::Fault,
            _ => Class::Pass,
        };
        Run {
            test: format!("2A::test_{test}"),
            class,
            expected: "one leader in each term".to_owned(),
            seen: format!("what {letter} sees"),
            cpu_seconds: 0.25,
            has_reached: !matches!(letter, '.' | 'X'),
        }
    }

    #[test]
    fn three_quarters_are_enough() {
        assert!(is_enough(15, 20) && is_enough(3, 4) && is_enough(1, 1));
        assert!(!is_enough(14, 20) && !is_enough(2, 3) && !is_enough(0, 0));
    }

    #[test]
    fn seeds_are_counted_and_not_runs() {
        let tally = tally("x", "", &["..", "r.", ".F", "PF", "PF"]);
        let finding = tally.finding();
        assert_eq!((finding.reached, finding.noticed, finding.seeds), (4, 3, 5));
        assert_eq!((finding.seeds_to_first, finding.first_test), (Some(3), Some("2A::test_1")));
        let headline = finding.headline.expect("there are failures");
        assert_eq!((headline.test, headline.class), ("2A::test_0", Class::Panic));
        assert!(!finding.is_well());
    }

    #[test]
    fn a_fault_of_the_harness_notices_nothing() {
        let tally = tally("x", "", &["X", "F", "F", "F"]);
        let finding = tally.finding();
        assert_eq!((finding.noticed, finding.faults), (3, 1));
        assert!(!finding.is_well());
    }

    #[test]
    fn a_failure_says_what_it_must() {
        assert!(tally("x", "Says: what F sees\n", &["F"]).finding().is_well());
        assert!(tally("x", "Says: one leader\n", &["F"]).finding().is_well());
        let finding = tally("x", "Says: what F sees\n", &["P"]);
        assert!(!finding.finding().is_well());
        assert_eq!(finding.finding().unsaid(), Some("what F sees"));
    }

    #[test]
    fn what_is_seldom_need_not_be_noticed() {
        assert!(tally("x", "Seldom: chance\n", &["."]).finding().is_well());
        assert!(!tally("x", "", &["."]).finding().is_well());
        assert!(tally("x", "", &["F"]).finding().is_well());
    }
}
