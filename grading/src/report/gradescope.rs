//! What Gradescope reads: `results.json`.

use std::path::Path;

use serde_json::{Value, json};

use super::{Seeds, feedback, show_finding, show_rate, write};
use crate::runlog::{Entry, Grading, Outcome};
use crate::standing::{Finding, Results, Standing, TestStanding};

/// The results of one student in Gradescope's form, with a score for each test.
pub(super) fn render(
    standing: &Standing,
    grading: &Grading,
    seeds: Seeds,
) -> Result<String, String> {
    let built = standing.outcome == Outcome::Built;
    let mut tests = vec![json!({
        "name": "Reading and building",
        "number": "1",
        "status": if built { "passed" } else { "failed" },
        "output": if built { "It compiles." } else { standing.message.as_str() },
        "output_format": "text",
        "visibility": "visible",
    })];
    for (number, test) in (1..).zip(&standing.tests) {
        tests.push(entry(test, number, standing, grading, seeds));
    }
    let results = json!({
        "output": summary(standing),
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {
            "submission": standing.submission,
            "rubric": grading.rubric,
            "harness": grading.harness,
            "isolation": standing.isolation,
        },
    });
    serde_json::to_string_pretty(&results).map_err(|error| error.to_string())
}

fn summary(standing: &Standing) -> String {
    match standing.outcome {
        Outcome::Built if standing.incomplete => {
            "Some runs could not be made; that is not your fault, and they will be.".to_owned()
        }
        Outcome::Built => "Each test ran many times, with secret seeds.".to_owned(),
        outcome => format!("Your submission {}.", outcome.describe()),
    }
}

fn entry(
    test: &TestStanding,
    number: u64,
    standing: &Standing,
    grading: &Grading,
    seeds: Seeds,
) -> Value {
    let passed = test.finding == Finding::Ok;
    let output = if standing.outcome == Outcome::Built {
        feedback::of_test(test, grading, seeds)
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

/// Writes the results of the only student of a grading where Gradescope looks for them. They must be
/// there whatever happens: without any, the form says that the grader failed.
///
/// # Errors
///
/// If the file cannot be written.
pub(crate) fn write_results(
    path: &Path,
    entries: &[Entry],
    items: &[crate::rubric::Item],
) -> Result<(), String> {
    let results = Results::of(entries, items);
    let own = results.as_ref().ok().and_then(|results| {
        let standing = results.students.first()?;
        render(standing, &results.grading, Seeds::Secret).ok()
    });
    let none = || {
        let results = json!({
            "score": 0.0,
            "output": "The grader could not judge this submission. That is not your fault: tell your \
                       instructor.",
            "tests": [],
        });
        results.to_string()
    };
    write(path, &own.unwrap_or_else(none))
}
