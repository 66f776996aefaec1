//! Writing all reports.

use std::path::Path;

use super::feedback::Seeds;
use super::{dashboard, database, feedback, gradebook, gradescope, junit};
use crate::files::write_file;
use crate::results::{Results, StudentResult};
use crate::rubric::Item;
use crate::runlog::{Entry, Grading};

/// Writes all reports of a grading beside its log.
///
/// # Errors
///
/// If the log is invalid, or a report cannot be written; the message names it.
pub(crate) fn write_all(
    folder: &Path,
    entries: &[Entry],
    items: &[Item],
    seeds: Seeds,
) -> Result<Results, String> {
    let results = Results::of(entries, items)?;
    let database = database::write(&folder.join("results.db"), entries, &results)?;
    let summary = serde_json::to_string_pretty(&results).map_err(|error| error.to_string())?;
    write_file(&folder.join("summary.json"), summary)?;
    write_file(&folder.join("gradebook.csv"), gradebook::render(&results)?)?;
    write_file(&folder.join("dashboard.html"), dashboard::render(&database, &results)?)?;
    for student in &results.students {
        write_student(&folder.join("students"), student, &results.grading, seeds)?;
    }
    Ok(results)
}

fn write_student(
    folder: &Path,
    student: &StudentResult,
    grading: &Grading,
    seeds: Seeds,
) -> Result<(), String> {
    let folder = folder.join(&student.student);
    let write = |name: &str, text: String| write_file(&folder.join(name), text);
    write("feedback.md", feedback::markdown(student, grading, seeds)?)?;
    write("feedback.html", feedback::html(student, grading, seeds)?)?;
    write("junit.xml", junit::render(student)?)?;
    write("results.json", gradescope::render(student, grading, seeds)?)
}
