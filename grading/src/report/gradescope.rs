//! `results.json`, which Gradescope reads.

use serde_json::{Value, json};

use super::feedback;
use super::text::{cut, show_finding, show_rate};
use super::visibility::Seeds;
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
    student: &StudentResult,
    grading: &Grading,
    seeds: Seeds,
    stopped: Option<&str>,
) -> Result<String, String> {
    let summary = [stopped.unwrap_or_default(), &summary(student)].join(" ").trim().to_owned();
    let mut text = String::new();
    for length in LENGTHS {
        let mut results = results(student, grading, seeds, *length);
        results["output"] = summary.as_str().into();
        text = serde_json::to_string_pretty(&results).map_err(|error| error.to_string())?;
        if text.len() <= SIZE {
            break;
        }
    }
    Ok(text)
}

fn results(student: &StudentResult, grading: &Grading, seeds: Seeds, length: usize) -> Value {
    let output = |test: &TestResult| match student.outcome {
        Outcome::Built => feedback::of_test(test, grading, seeds, length),
        _ => "It could not run.".to_owned(),
    };
    let tests = (1..).zip(&student.tests);
    let tests = tests.map(|(number, test)| entry(test, number, output(test)));
    let tests: Vec<Value> = [build_entry(student, length)].into_iter().chain(tests).collect();
    let mut results = json!({
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {
            "submission": student.submission,
            "rubric": grading.rubric,
            "harness": grading.harness,
            "isolation": student.isolation,
        },
    });
    let sum: f64 = student.tests.iter().map(|test| test.points).sum();
    if (sum - student.points).abs() > 0.001 {
        // Without it, Gradescope adds up the tests.
        results["score"] = student.points.into();
    }
    results
}

fn summary(student: &StudentResult) -> String {
    match student.outcome {
        Outcome::Built if student.incomplete => missing_runs(student),
        Outcome::Built => "Each test ran many times, with secret seeds.".to_owned(),
        outcome => format!("Your submission {}.", outcome.describe()),
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
