//! Writing all reports.

use std::path::{Path, PathBuf};

use super::editable::Reports;
use super::visibility::{Seeds, StudentView};
use super::{dashboard, database, feedback, gradebook, gradescope, junit, pictures};
use crate::results::{Results, StudentResult};
use crate::runlog::{Entry, Grading};
use crate::scoring::Scoring;
use crate::submission::is_usable;

/// Writes all reports of a grading beside its log. Those that somebody has edited are kept under other names; the
/// database and the pictures are replaced.
///
/// # Errors
///
/// If the log is invalid, or a report cannot be written; the message names it.
pub(crate) fn write_all(
    folder: &Path,
    entries: &[Entry],
    scoring: &Scoring,
    seeds: Seeds,
) -> Result<Results, String> {
    let mut results = Results::of(entries, scoring)?;
    let mut reports = Reports::open(folder)?;
    for student in &mut results.students {
        let own = own_folder(folder, student)?;
        pictures::write(folder, &own, student, &results.grading.tests, seeds)?;
    }
    database::write(&folder.join("results.db"), entries, &results)?;
    let summary = serde_json::to_string_pretty(&results).map_err(|error| error.to_string())?;
    reports.write(&folder.join("summary.json"), &summary)?;
    reports.write(&folder.join("gradebook.csv"), &gradebook::render(&results)?)?;
    reports.write(&folder.join("dashboard.html"), &dashboard::render(&results)?)?;
    for student in &results.students {
        let own = own_folder(folder, student)?;
        write_student(&mut reports, &own, &StudentView::of(student, seeds), &results.grading)?;
    }
    reports.close()?;
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
    reports: &mut Reports,
    folder: &Path,
    view: &StudentView,
    grading: &Grading,
) -> Result<(), String> {
    let mut write = |name: &str, text: String| reports.write(&folder.join(name), &text);
    write("feedback.md", feedback::markdown(view, grading)?)?;
    write("feedback.html", feedback::html(view, grading)?)?;
    write("junit.xml", junit::render(view)?)?;
    write("results.json", gradescope::render(view, grading, None)?)
}
