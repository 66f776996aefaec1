//! What a course system shows beside the points: a few words, all of them the grader's own.

use super::text::{show_finding, show_points};
use super::visibility::{Seeds, is_shown};
use crate::results::{Finding, StudentResult, TestResult};
use crate::runlog::Outcome;

/// The most tests that a comment names.
const NAMED: usize = 10;

/// The points of each stage, and the tests that do not always pass. One line without any text of the student,
/// because course systems show it as HTML.
pub(crate) fn comment(student: &StudentResult, seeds: Seeds) -> String {
    if student.outcome != Outcome::Built {
        return format!("The submission {}.", student.outcome.describe());
    }
    let shown: Vec<&TestResult> =
        student.tests.iter().filter(|test| is_shown(test, seeds)).collect();
    let mut stages: Vec<&str> = shown.iter().map(|test| test.stage.as_str()).collect();
    stages.dedup();
    let points = stages.iter().map(|stage| stage_points(stage, &shown)).collect::<Vec<_>>();
    let failing = shown.iter().filter(|test| test.finding != Finding::Ok);
    let failing: Vec<String> = failing.map(|test| describe(test)).collect();
    let named = failing.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let more = match failing.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let end = if failing.is_empty() { "All tests pass".to_owned() } else { named + &more };
    format!("{}. {end}.", points.join(", "))
}

fn stage_points(stage: &str, shown: &[&TestResult]) -> String {
    let own = || shown.iter().filter(|test| test.stage == stage);
    let points: f64 = own().map(|test| test.points).sum();
    let possible: f64 = own().map(|test| test.possible).sum();
    format!("{stage}: {} of {}", show_points(points), show_points(possible))
}

fn describe(test: &TestResult) -> String {
    let TestResult { test: name, passed, runs, .. } = test;
    match test.finding {
        Finding::NeedsOther(_) | Finding::NotJudged => format!("{name} {}", show_finding(test)),
        _ => format!("{name} passed {passed} of {runs} runs"),
    }
}
