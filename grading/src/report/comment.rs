//! What a course system shows beside the points: a few words, all of them the grader's own.

use super::visibility::StudentView;
use crate::points::show_points;
use crate::results::{Finding, TestResult};
use crate::runlog::Outcome;

/// The most tests that a comment names.
const NAMED: usize = 10;

/// The points of each stage, and the tests that do not always pass. One line without any text of the student,
/// because course systems show it as HTML.
pub(crate) fn comment(view: &StudentView) -> String {
    let student = &view.result;
    if student.outcome != Outcome::Built {
        return format!("The submission {}.", student.outcome.describe());
    }
    let shown: Vec<&TestResult> = student.tests.iter().collect();
    let mut stages: Vec<&str> = shown.iter().map(|test| test.stage.as_str()).collect();
    stages.dedup();
    let points = stages.iter().map(|stage| stage_points(stage, &shown)).collect::<Vec<_>>();
    let failing =
        shown.iter().filter(|test| matches!(test.finding, Finding::Flaky | Finding::Broken));
    let mut sentences: Vec<String> =
        failing.clone().take(NAMED).map(|test| describe(test)).collect();
    let more = failing.count() - sentences.len();
    if more > 0 {
        sentences.push(format!("more tests that fail: {more}"));
    }
    let is_left =
        |test: &&&TestResult| matches!(test.finding, Finding::NeedsOther(_) | Finding::NotJudged);
    match shown.iter().filter(is_left).count() {
        0 => {}
        left => sentences.push(format!("tests that were not run: {left}")),
    }
    if sentences.is_empty() {
        sentences.push("all tests pass".to_owned());
    }
    if !student.adjustments.is_empty() {
        sentences.push("points adjusted, and the feedback says why".to_owned());
    }
    format!("{}; {}", points.join(", "), sentences.join(", "))
}

fn stage_points(stage: &str, shown: &[&TestResult]) -> String {
    let own = || shown.iter().filter(|test| test.stage == stage);
    let points: f64 = own().map(|test| test.points).sum();
    let possible: f64 = own().map(|test| test.possible).sum();
    format!("{stage}: {} of {}", show_points(points), show_points(possible))
}

fn describe(test: &TestResult) -> String {
    let TestResult { test: name, passed, runs, .. } = test;
    format!("{name} passed {passed} of {runs} runs")
}
