//! The tests, by the students who pass them.

use super::discrimination::Discrimination;
use super::share::Share;
use crate::results::{Finding, StudentResult, TestResult};

/// A test over all students.
pub(super) struct TestRow<'a> {
    pub(super) name: &'a str,
    /// Who passes it in all runs, in some, and in none. A test that cannot run because another one never passes is
    /// not passed.
    pub(super) shares: [Share; 3],
    /// From -1 to 1; empty if it cannot be told.
    pub(super) discrimination: String,
}

impl TestRow<'_> {
    /// How many students have results without missing runs.
    pub(super) fn students(&self) -> u64 {
        self.shares[0].all
    }

    /// Where the bars of the shares begin, in percent.
    pub(super) fn starts(&self) -> [f64; 3] {
        let [always, sometimes, _] = &self.shares;
        [0.0, always.percent(), always.percent() + sometimes.percent()]
    }
}

/// All tests, in the order of the rubric.
pub(super) fn rows<'a>(
    class: &[&'a StudentResult],
    discrimination: Option<&Discrimination<'_>>,
) -> Vec<TestRow<'a>> {
    let tests = class.first().map_or(&[][..], |student| &student.tests);
    let row = |(position, test): (usize, &'a TestResult)| {
        let index = discrimination.and_then(|all| all.of_test(position));
        TestRow {
            name: &test.test,
            shares: shares(class.iter().filter_map(|student| student.tests.get(position))),
            discrimination: index.map_or_else(String::new, |index| format!("{index:.2}")),
        }
    };
    tests.iter().enumerate().map(row).collect()
}

/// A result without missing runs counts, any other might still change.
fn shares<'a>(results: impl Iterator<Item = &'a TestResult>) -> [Share; 3] {
    let mut counts = [0; 3];
    for test in results.filter(|test| !test.lacks_runs()) {
        match test.finding {
            Finding::Ok => counts[0] += 1,
            Finding::Flaky => counts[1] += 1,
            Finding::Broken | Finding::NeedsOther(_) => counts[2] += 1,
            Finding::NotJudged => {}
        }
    }
    let all = counts.iter().sum();
    counts.map(|count| Share { count, all })
}
