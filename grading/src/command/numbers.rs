//! Numbers on the command line.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// How many times a test may run.
pub(super) const RUNS: RangeInclusive<u64> = 1..=1_000_000;

/// How much may be done at once.
const JOBS: RangeInclusive<usize> = 1..=1_000;

/// How many seconds of processor time a run may have.
pub(super) const SECONDS: RangeInclusive<u64> = 1..=3_600;

/// How many minutes Gradescope may give a grader.
const MINUTES: RangeInclusive<u64> = 2..=40;

/// Reads how many times to run a test.
///
/// # Errors
///
/// If it is no whole number, or too many.
pub(super) fn runs(text: &str) -> Result<u64, String> {
    within(text, &RUNS)
}

/// Reads how much to do at once.
///
/// # Errors
///
/// If it is no whole number, or too many.
pub(super) fn jobs(text: &str) -> Result<usize, String> {
    within(text, &JOBS)
}

/// Reads how many seconds of processor time a run has.
///
/// # Errors
///
/// If it is no whole number, or too many.
pub(super) fn seconds(text: &str) -> Result<u64, String> {
    within(text, &SECONDS)
}

/// Reads how many minutes Gradescope gives the grader.
///
/// # Errors
///
/// If it is no whole number, or in no range that Gradescope has.
pub(super) fn minutes(text: &str) -> Result<u64, String> {
    within(text, &MINUTES)
}

/// Reads a number in a range.
///
/// # Errors
///
/// If it is no whole number, or in no range.
fn within<N>(text: &str, range: &RangeInclusive<N>) -> Result<N, String>
where
    N: FromStr + PartialOrd + Display,
{
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| format!("write a whole number from {} to {}", range.start(), range.end()))
}
