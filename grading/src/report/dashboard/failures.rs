//! How students' runs fail.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use records::Class;

use super::share::Share;
use crate::results::StudentResult;

/// A way to fail.
pub(super) struct FailureRow {
    pub(super) class: &'static str,
    /// The students with at least one run that failed in this way, of those who have runs.
    pub(super) share: Share,
    /// The tests in which that happened.
    pub(super) tests: usize,
    /// All runs that failed in this way.
    pub(super) runs: u64,
}

/// The ways in which runs failed, the one of most students first.
pub(super) fn rows(class: &[&StudentResult]) -> Vec<FailureRow> {
    let mut found: BTreeMap<Class, Vec<(usize, &str, u64)>> = BTreeMap::new();
    for (number, student) in class.iter().enumerate() {
        for test in &student.tests {
            for (class, runs) in &test.failures {
                found.entry(*class).or_default().push((number, &test.test, *runs));
            }
        }
    }
    let all = class.iter().filter(|student| student.tests.iter().any(|test| test.runs > 0));
    let all = all.count() as u64;
    let mut rows: Vec<_> = found.into_iter().map(|(class, found)| row(class, found, all)).collect();
    rows.sort_by_key(|row| Reverse((row.share.count, row.runs)));
    rows
}

fn row(class: Class, mut found: Vec<(usize, &str, u64)>, all: u64) -> FailureRow {
    let runs = found.iter().map(|(_, _, runs)| runs).sum();
    // They are in the order of the students.
    let students = found.chunk_by(|(one, ..), (other, ..)| one == other).count() as u64;
    found.sort_unstable_by_key(|(_, test, _)| *test);
    let tests = found.chunk_by(|(_, one, _), (_, other, _)| one == other).count();
    FailureRow { class: class.describe(), share: Share { count: students, all }, tests, runs }
}
