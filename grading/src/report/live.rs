//! The results of a single submission, while it is being graded on Gradescope.

use std::path::Path;

use serde_json::json;

use super::gradescope;
use super::visibility::StudentView;
use crate::files::write_file;
use crate::results::Results;
use crate::runlog::Entry;
use crate::scoring::Scoring;

/// Writes the results of the only student of a grading where Gradescope looks for them. The file is always
/// written: without any results, it says that the grader failed or, if it has stopped, why.
///
/// # Errors
///
/// If the file cannot be written.
pub(crate) fn write_results(
    path: &Path,
    entries: &[Entry],
    scoring: &Scoring,
    stopped: Option<&str>,
) -> Result<(), String> {
    let results = own_results(entries, scoring, stopped);
    write_file(path, results.unwrap_or_else(|| no_results(stopped)))
}

fn own_results(entries: &[Entry], scoring: &Scoring, stopped: Option<&str>) -> Option<String> {
    let results = Results::of(entries, scoring).ok()?;
    let student = results.students.first()?;
    gradescope::render(&StudentView::for_gradescope(student), &results.grading, stopped).ok()
}

fn no_results(stopped: Option<&str>) -> String {
    let reason = stopped.unwrap_or("The grader could not grade this submission.");
    let results = json!({
        "score": 0.0,
        "output": format!("{reason} This is not your fault: please tell your instructor."),
        "tests": [],
    });
    results.to_string()
}
