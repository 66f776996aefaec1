//! The results of a single submission, while it is being graded on Gradescope.

use std::path::Path;

use serde_json::json;

use super::gradescope;
use super::visibility::Seeds;
use crate::files::write_file;
use crate::results::Results;
use crate::rubric::Item;
use crate::runlog::Entry;

/// Writes the results of the only student of a grading where Gradescope looks for them. The file is always
/// written: without any results, it says that the grader failed or, if it has stopped, why.
///
/// # Errors
///
/// If the file cannot be written.
pub(crate) fn write_results(
    path: &Path,
    entries: &[Entry],
    items: &[Item],
    stopped: Option<&str>,
) -> Result<(), String> {
    let results = own_results(entries, items, stopped);
    write_file(path, results.unwrap_or_else(|| no_results(stopped)))
}

fn own_results(entries: &[Entry], items: &[Item], stopped: Option<&str>) -> Option<String> {
    let results = Results::of(entries, items).ok()?;
    let student = results.students.first()?;
    gradescope::render(student, &results.grading, Seeds::Secret, stopped).ok()
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
