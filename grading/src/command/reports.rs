//! Writing the reports at the end of a command.

use std::path::Path;

use super::adjustments_option::AdjustmentsOption;
use crate::report::{self, Seeds, say};
use crate::results::Results;
use crate::rubric::Rubric;
use crate::runlog::{Entry, students};
use crate::scoring::Scoring;

/// What makes points out of the runs in a log.
///
/// # Errors
///
/// If there is no log, or the rubric or the adjustments are wrong.
pub(super) fn scoring_of(
    folder: &Path,
    entries: &[Entry],
    rubric: &Path,
    adjustments: &AdjustmentsOption,
) -> Result<Scoring, String> {
    let Some(Entry::Grading(grading)) = entries.first() else {
        return Err(format!("{} does not contain a grading", folder.display()));
    };
    let rubric = Rubric::read(rubric, grading.runs)?;
    let items = rubric.items(&grading.stages, &grading.tests)?;
    let adjustments = adjustments.read(folder, &students(entries).collect(), &rubric)?;
    Ok(Scoring { items, rubric: rubric.id(), late: rubric.late(), adjustments })
}

/// Writes all reports of a grading, and prints a summary.
///
/// # Errors
///
/// If a report cannot be written.
pub(super) fn write_reports(
    folder: &Path,
    entries: &[Entry],
    scoring: &Scoring,
    seeds: Seeds,
) -> Result<Results, String> {
    let results = report::write_all(folder, entries, scoring, seeds)?;
    say(&report::summary(&results));
    say(&format!("reports: {}", folder.join("dashboard.html").display()));
    Ok(results)
}
