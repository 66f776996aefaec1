//! `results.json`, which Gradescope reads.

use serde_json::{Value, json};

use super::feedback;
use super::text::{cut, show_finding, show_rate};
use super::visibility::StudentView;
use crate::adjustments::Step;
use crate::points::{rounded, show_change};
use crate::results::{Finding, StudentResult, TestResult};
use crate::rubric::Visibility;
use crate::runlog::{Grading, Outcome};

/// The most bytes of results. Gradescope publishes no limit; pages with megabytes of output are of no use.
const SIZE: usize = 512 << 10;

/// The most bytes of a failure that are shown, one limit after the other until the results are small enough.
const LENGTHS: &[usize] = &[usize::MAX, 64 << 10, 16 << 10, 4 << 10, 1 << 10];

/// The results of one student in Gradescope's form, with a score for each test. If they are too large, the longest
/// descriptions of failures are cut, and say so. `stopped` is why the grader has stopped before the last run.
pub(super) fn render(
    view: &StudentView,
    grading: &Grading,
    stopped: Option<&str>,
) -> Result<String, String> {
    let summary = summary(&view.result);
    let summary = [stopped.unwrap_or_default(), &summary].join(" ").trim().to_owned();
    let mut text = String::new();
    for length in LENGTHS {
        let mut results = results(view, grading, *length);
        results["output"] = summary.as_str().into();
        text = serde_json::to_string_pretty(&results).map_err(|error| error.to_string())?;
        if text.len() <= SIZE {
            break;
        }
    }
    Ok(text)
}

fn results(view: &StudentView, grading: &Grading, length: usize) -> Value {
    let student = &view.result;
    let output = |test: &TestResult| match student.outcome {
        Outcome::Built => feedback::of_test(test, grading, length),
        _ => "It could not run.".to_owned(),
    };
    let mut tests = vec![build_entry(student, length)];
    let entries = (1..).zip(&student.tests);
    tests.extend(entries.map(|(number, test)| entry(test, number, output(test))));
    if !student.adjustments.is_empty() {
        tests.push(adjustments_entry(view));
    }
    let mut results = json!({
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {
            "submission": student.submission,
            "rubric": grading.rubric,
            "harness": grading.harness.hash,
            "isolation": student.isolation,
        },
    });
    if !student.adjustments.is_empty() && view.withheld == 0 {
        results["score"] = json!(student.points);
    }
    results
}

fn summary(student: &StudentResult) -> String {
    match student.outcome {
        Outcome::Built if student.incomplete => missing_runs(student),
        Outcome::Built => "Each test ran many times, with secret seeds.".to_owned(),
        outcome => format!("{}.", outcome.sentence()),
    }
}

/// The most tests that are named because runs of them are missing.
const NAMED: usize = 10;

/// Which runs are missing. Tests that students do not see at once are not named.
fn missing_runs(student: &StudentResult) -> String {
    let lacking: Vec<&TestResult> = student.tests.iter().filter(|test| test.lacks_runs()).collect();
    let missing: u64 = lacking.iter().map(|test| test.planned - test.runs).sum();
    let shown = lacking.iter().filter(|test| test.visibility == Visibility::Visible);
    let mut parts: Vec<String> = shown
        .take(NAMED)
        .map(|test| format!("{} of {} of {}", test.planned - test.runs, test.planned, test.test))
        .collect();
    let others = lacking.len() - parts.len();
    if others > 0 {
        parts.push(format!("runs of {others} more"));
    }
    format!(
        "{missing} runs could not be made, and do not count as passed, so these points are not final. Missing: {}.",
        parts.join(", ")
    )
}

/// Whether the submission could be read and compiled, as a test without a score.
fn build_entry(student: &StudentResult, length: usize) -> Value {
    let built = student.outcome == Outcome::Built;
    let message = || cut(student.message.lines(), length);
    json!({
        "name": "Reading and building",
        "number": "1",
        "status": if built { "passed" } else { "failed" },
        "output": if built { "It compiles.".to_owned() } else { message() },
        "output_format": "text",
        "visibility": "visible",
    })
}

/// The adjustments, as a test whose score is what they add.
fn adjustments_entry(view: &StudentView) -> Value {
    let student = &view.result;
    let step = |step: &Step| {
        let points =
            step.points.map_or_else(String::new, |points| format!(" ({})", show_change(points)));
        format!("{}{points}: {}", step.what, step.reason.line())
    };
    let steps: Vec<String> = student.adjustments.iter().map(step).collect();
    let mut entry = json!({
        "name": "Adjustments",
        "number": "2",
        "output": steps.join("\n"),
        "output_format": "text",
        "visibility": "visible",
    });
    if view.withheld == 0 {
        entry["score"] = json!(rounded(student.points - student.before));
    }
    entry
}

fn entry(test: &TestResult, number: u64, output: String) -> Value {
    let passed = test.finding == Finding::Ok;
    json!({
        "name": format!("{}: {}", test.test, test.title),
        "number": format!("{}.{number}", test.stage),
        "score": test.points,
        "max_score": test.possible,
        "status": if passed { "passed" } else { "failed" },
        "output": output,
        "output_format": "md",
        "visibility": test.visibility,
        "tags": [test.stage],
        "extra_data": { "finding": show_finding(test), "rate": show_rate(test) },
    })
}
