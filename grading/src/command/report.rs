//! `cargo grade report`

use std::path::{Path, PathBuf};

use clap::Args;

use super::adjustments_option::AdjustmentsOption;
use super::exit::Exit;
use super::grading_options::default_rubric;
use crate::compare::{Comparison, Summary, conclusion};
use crate::report::{self, Seeds, complain, say};
use crate::rubric::Rubric;
use crate::runlog::{Entry, RunLog, students};
use crate::scoring::Scoring;

#[derive(Args)]
pub(crate) struct ReportArguments {
    /// Folder with the results
    results: PathBuf,
    /// Tell students the failing seeds, and how to replay them
    #[arg(long)]
    reveal: bool,
    /// Rubric file [default: grading/rubric.toml]
    #[arg(long, value_name = "FILE")]
    rubric: Option<PathBuf>,
    #[command(flatten)]
    adjustments: AdjustmentsOption,
}

/// Writes all reports of a grading again.
pub(crate) fn make_reports(arguments: ReportArguments) -> Result<Exit, String> {
    let folder = &arguments.results;
    let rubric = arguments.rubric.as_deref();
    let (entries, scoring) = read_graded(folder, rubric, &arguments.adjustments)?;
    let seeds = if arguments.reveal { Seeds::Revealed } else { Seeds::Secret };
    let before = Summary::read(folder).ok();
    let results = report::write_all(folder, &entries, &scoring, seeds)?;
    say(&report::summary(&results));
    say(&format!("reports: {}", folder.join("dashboard.html").display()));
    if let Some(before) = before {
        let comparison = Comparison::of(&before, &Summary::read(folder)?);
        if comparison.has_changes() {
            complain(&format!("note: since the last report {}", conclusion(&comparison)));
        }
    }
    Ok(Exit::Done)
}

/// The log of a grading, and what makes points out of its runs by this rubric.
pub(super) fn read_graded(
    folder: &Path,
    rubric: Option<&Path>,
    adjustments: &AdjustmentsOption,
) -> Result<(Vec<Entry>, Scoring), String> {
    let entries = RunLog::read(folder)?;
    let Some(Entry::Grading(grading)) = entries.first() else {
        return Err(format!("{} does not contain a grading", folder.display()));
    };
    let rubric = rubric.map_or_else(default_rubric, Path::to_owned);
    let rubric = Rubric::read(&rubric, grading.runs)?;
    let adjustments = adjustments.read(folder, &students(&entries).collect(), &rubric)?;
    let items = rubric.items(&grading.stages, &grading.tests)?;
    let scoring = Scoring { items, rubric: rubric.id(), late: rubric.late(), adjustments };
    Ok((entries, scoring))
}
