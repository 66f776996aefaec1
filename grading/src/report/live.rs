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
/// written: without any results, it says that the grader failed.
///
/// # Errors
///
/// If the file cannot be written.
pub(crate) fn write_results(
    path: &Path,
    entries: &[Entry],
    scoring: &Scoring,
) -> Result<(), String> {
    write_file(path, own_results(entries, scoring).unwrap_or_else(no_results))
}

fn own_results(entries: &[Entry], scoring: &Scoring) -> Option<String> {
    let results = Results::of(entries, scoring).ok()?;
    let student = results.students.first()?;
    gradescope::render(&StudentView::for_gradescope(student), &results.grading).ok()
}

fn no_results() -> String {
    let results = json!({
        "score": 0.0,
        "output": "The grader could not grade this submission. This is not your fault: please tell your \
                   instructor.",
        "tests": [],
    });
    results.to_string()
}
