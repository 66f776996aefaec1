//! The flakiest tests.

use std::cmp::Reverse;

use crate::results::{Finding, StudentResult};

/// How many tests are listed.
const LENGTH: usize = 10;

/// A test with mixed results: it passes in some runs of a student and fails in others.
pub(super) struct Flaky<'a> {
    pub(super) name: &'a str,
    /// The students with mixed results.
    pub(super) students: u64,
    /// Their runs that failed.
    pub(super) failed: u64,
    /// All their runs.
    pub(super) runs: u64,
}

/// The tests that are flaky for the most students, the flakiest first.
pub(super) fn flakiest<'a>(class: &[&'a StudentResult]) -> Vec<Flaky<'a>> {
    let tests = class.first().map_or(&[][..], |student| &student.tests);
    let mut found: Vec<Flaky<'a>> = tests
        .iter()
        .enumerate()
        .map(|(position, test)| of_test(&test.test, position, class))
        .filter(|flaky| flaky.students > 0)
        .collect();
    found.sort_by_key(|flaky| Reverse((flaky.students, flaky.failed)));
    found.truncate(LENGTH);
    found
}

fn of_test<'a>(name: &'a str, position: usize, class: &[&StudentResult]) -> Flaky<'a> {
    let results = class.iter().filter_map(|student| student.tests.get(position));
    let mut flaky = Flaky { name, students: 0, failed: 0, runs: 0 };
    for test in results.filter(|test| test.finding == Finding::Flaky) {
        flaky.students += 1;
        flaky.failed += test.runs - test.passed;
        flaky.runs += test.runs;
    }
    flaky
}
