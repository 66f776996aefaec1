//! A table for the course system.

use super::text::{show_adjustment, show_finding, show_outcome, show_reasons};
use crate::points::show_points;
use crate::results::{Results, StudentResult, TestResult};
use crate::spreadsheet;

/// How much of a hash is shown.
const HASH_LENGTH: usize = 16;

/// A heading, and a line of comma-separated values for each student.
pub(super) fn render(results: &Results) -> Result<String, String> {
    let rows = results.students.iter().map(|student| row(student, results));
    spreadsheet::table(std::iter::once(head(&results.grading.stages)).chain(rows))
}

fn head(stages: &[String]) -> Vec<String> {
    let mut head = ["student", "points", "possible", "points before", "adjustment", "reason"]
        .map(str::to_owned)
        .to_vec();
    head.extend(stages.iter().map(|stage| format!("points {stage}")));
    head.extend(["outcome", "worst test", "its runs", "isolation"].map(str::to_owned));
    head.extend(["handed in", "submission", "rubric", "tests"].map(str::to_owned));
    head
}

fn row(student: &StudentResult, results: &Results) -> Vec<String> {
    let grading = &results.grading;
    let worst = student.worst();
    let mut row =
        vec![student.student.csv(), show_points(student.points), show_points(student.possible)];
    row.push(show_points(student.before));
    row.push(show_adjustment(student));
    row.push(show_reasons(student).csv());
    row.extend(grading.stages.iter().map(|stage| show_points(student.stage_points(stage))));
    row.push(show_outcome(student));
    row.push(worst.map_or_else(String::new, |test| test.test.clone()));
    row.push(worst.map_or_else(String::new, show_runs));
    row.push(student.isolation.csv());
    row.push(student.handed_in.csv());
    row.push(student.submission.chars().take(HASH_LENGTH).collect());
    row.push(grading.rubric.clone());
    row.push(grading.harness.hash.chars().take(HASH_LENGTH).collect());
    row
}

fn show_runs(test: &TestResult) -> String {
    format!("{}: {} of {} passed", show_finding(test), test.passed, test.runs)
}
