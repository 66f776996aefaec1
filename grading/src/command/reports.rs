//! Writing the reports at the end of a command.

use std::path::Path;

use crate::report::{self, Seeds, say};
use crate::results::Results;
use crate::rubric::Item;
use crate::runlog::Entry;

/// Writes all reports of a grading, and prints a summary.
///
/// # Errors
///
/// If a report cannot be written.
pub(super) fn write_reports(
    folder: &Path,
    entries: &[Entry],
    items: &[Item],
    seeds: Seeds,
) -> Result<Results, String> {
    let results = report::write_all(folder, entries, items, seeds)?;
    say(&report::summary(&results));
    say(&format!("reports: {}", folder.join("dashboard.html").display()));
    Ok(results)
}
