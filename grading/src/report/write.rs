//! Writing all reports.

use std::path::{Path, PathBuf};

use super::terminal::complain;
use super::visibility::Seeds;
use super::{dashboard, database, editable, feedback, gradebook, gradescope, junit, pictures};
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
    let mut results = Results::of(entries, items)?;
    for student in &mut results.students {
        let own = own_folder(folder, student)?;
        pictures::write(folder, &own, student, seeds)?;
    }
    let database = database::write(&folder.join("results.db"), entries, &results)?;
    let summary = serde_json::to_string_pretty(&results).map_err(|error| error.to_string())?;
    write_private_file(&folder.join("summary.json"), summary)?;
    let edited = editable::write(&folder.join("gradebook.csv"), &gradebook::render(&results)?)?;
    if let Some(kept) = edited {
        complain(&format!("note: gradebook.csv had been edited: that is now {}", kept.display()));
    }
    write_private_file(&folder.join("dashboard.html"), dashboard::render(&database, &results)?)?;
    for student in &results.students {
        write_student(&own_folder(folder, student)?, student, &results.grading, seeds)?;
    }
    Ok(results)
}

/// The folder of what a student gets.
fn own_folder(folder: &Path, student: &StudentResult) -> Result<PathBuf, String> {
    let name = student.student.raw();
    if !is_usable(name) {
        return Err(format!("\"{}\" cannot be a student's name", student.student.line()));
    }
    Ok(folder.join("students").join(name))
}

fn write_student(
    folder: &Path,
    student: &StudentResult,
    grading: &Grading,
    seeds: Seeds,
) -> Result<(), String> {
    let write = |name: &str, text: String| write_private_file(&folder.join(name), text);
    write("feedback.md", feedback::markdown(student, grading, seeds)?)?;
    write("feedback.html", feedback::html(student, grading, seeds)?)?;
    write("junit.xml", junit::render(student, seeds)?)?;
    write("results.json", gradescope::render(student, grading, seeds, None)?)
}
