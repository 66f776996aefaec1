//! Writing the reports at the end of a command.

use std::path::{Path, PathBuf};

use super::adjustments_option::AdjustmentsOption;
use super::grading_options::default_rubric;
use super::kept::Kept;
use crate::report::{self, Seeds, say};
use crate::results::Results;
use crate::rubric::Rubric;
use crate::runlog::{Entry, RunLog, students};
use crate::scoring::Scoring;
use crate::stages;

/// What to do if the tests have changed since, and the rubric with them.
const OF_OTHER_TESTS: &str = "these results are of other tests than those of this workspace: name the rubric of then \
     with --rubric; git show COMMIT:grading/rubric.toml prints it";

/// The log of a grading, and what makes points out of its runs. What is not given is what the grading was started
/// with.
///
/// # Errors
///
/// If there is no log, or the rubric or the adjustments are wrong.
pub(super) fn read_graded(
    folder: &Path,
    rubric: Option<PathBuf>,
    adjustments: AdjustmentsOption,
) -> Result<(Vec<Entry>, Scoring), String> {
    let entries = RunLog::read(folder)?;
    let (kept_rubric, kept_adjustments) = match Kept::read(folder)? {
        Some(kept) => (kept.options.rubric(), kept.adjustments),
        None => (default_rubric(), AdjustmentsOption::default()),
    };
    let rubric = rubric.unwrap_or(kept_rubric);
    let scoring = scoring_of(folder, &entries, &rubric, &adjustments.or(kept_adjustments))?;
    Ok((entries, scoring))
}

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
    let is_default = rubric == default_rubric();
    let rubric = Rubric::read(rubric, grading.runs)?;
    let items = rubric.items(&grading.stages, &grading.tests).map_err(|problem| {
        let is_of_others = !grading.is_of(&stages::tests());
        if is_default && is_of_others { format!("{problem}\n{OF_OTHER_TESTS}") } else { problem }
    })?;
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
