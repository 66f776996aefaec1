//! `results.json`, which Gradescope reads.

use serde_json::{Value, json};

use super::feedback;
use super::text::{show_finding, show_rate};
use super::visibility::StudentView;
use crate::adjustments::Step;
use crate::points::{rounded, show_change};
use crate::results::{Finding, StudentResult, TestResult};
use crate::runlog::{Grading, Outcome};

/// The results of one student in Gradescope's form, with a score for each test.
pub(super) fn render(view: &StudentView, grading: &Grading) -> Result<String, String> {
    let student = &view.result;
    let mut tests = vec![build_entry(student)];
    let entries = (1..).zip(&student.tests);
    tests.extend(entries.map(|(number, test)| entry(test, number, student, grading)));
    if !student.adjustments.is_empty() {
        tests.push(adjustments_entry(view));
    }
    let mut results = json!({
        "output": summary(student),
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
    if !student.adjustments.is_empty() && view.withheld == 0 {
        results["score"] = json!(student.points);
    }
    serde_json::to_string_pretty(&results).map_err(|error| error.to_string())
}

fn summary(student: &StudentResult) -> String {
    match student.outcome {
        Outcome::Built if student.incomplete => {
            "Some runs could not be made. This is not your fault, and they will be made later."
                .to_owned()
        }
        Outcome::Built => "Each test ran many times, with secret seeds.".to_owned(),
        outcome => format!("{}.", outcome.sentence()),
    }
}

/// Whether the submission could be read and compiled, as a test without a score.
fn build_entry(student: &StudentResult) -> Value {
    let built = student.outcome == Outcome::Built;
    json!({
        "name": "Reading and building",
        "number": "1",
        "status": if built { "passed" } else { "failed" },
        "output": if built { "It compiles.".to_owned() } else { student.message.lines() },
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

fn entry(test: &TestResult, number: u64, student: &StudentResult, grading: &Grading) -> Value {
    let passed = test.finding == Finding::Ok;
    let output = if student.outcome == Outcome::Built {
        feedback::of_test(test, grading)
    } else {
        "It could not run.".to_owned()
    };
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
