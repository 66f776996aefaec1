//! Writing all reports.

use std::path::Path;

use super::terminal::complain;
use super::visibility::Seeds;
use super::{dashboard, database, editable, feedback, gradebook, gradescope, junit};
use crate::files::write_private_file;
use crate::results::{Results, StudentResult};
use crate::rubric::Item;
use crate::runlog::{Entry, Grading};
use crate::submission::is_usable;

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
    write_private_file(&folder.join("summary.json"), summary)?;
    let edited = editable::write(&folder.join("gradebook.csv"), &gradebook::render(&results)?)?;
    if let Some(kept) = edited {
        complain(&format!("note: gradebook.csv had been edited: that is now {}", kept.display()));
    }
    write_private_file(&folder.join("dashboard.html"), dashboard::render(&database, &results)?)?;
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
    let name = student.student.raw();
    if !is_usable(name) {
        return Err(format!("\"{}\" cannot be a student's name", student.student.line()));
    }
    let folder = folder.join(name);
    let write = |name: &str, text: String| write_private_file(&folder.join(name), text);
    write("feedback.md", feedback::markdown(student, grading, seeds)?)?;
    write("feedback.html", feedback::html(student, grading, seeds)?)?;
    write("junit.xml", junit::render(student, seeds)?)?;
    write("results.json", gradescope::render(student, grading, seeds)?)
}
