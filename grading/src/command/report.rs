//! `cargo grade report`

use std::path::PathBuf;

use clap::Args;

use super::adjustments_option::AdjustmentsOption;
use super::exit::Exit;
use super::kept::Kept;
use super::reports::{read_graded, write_reports};
use crate::compare::{Comparison, Summary, conclusion};
use crate::report::{Seeds, complain};
use crate::runlog::RunLog;

#[derive(Args)]
pub(crate) struct ReportArguments {
    /// Folder with the results
    results: PathBuf,
    /// Tell students the failing seeds, and how to replay them
    #[arg(long)]
    reveal: bool,
    /// Rubric file, which the grading keeps from then on [default: that of the grading]
    #[arg(long, value_name = "FILE")]
    rubric: Option<PathBuf>,
    #[command(flatten)]
    adjustments: AdjustmentsOption,
}

/// Writes all reports of a grading again.
pub(crate) fn make_reports(arguments: ReportArguments) -> Result<Exit, String> {
    let folder = &arguments.results;
    let kept = Kept::read(folder)?;
    // Who grades in this folder has read the options already, and would write the reports by those.
    let _held = RunLog::hold(folder)?;
    let (rubric, adjustments) = (arguments.rubric, arguments.adjustments);
    let (entries, scoring) = read_graded(folder, rubric.clone(), adjustments.clone())?;
    let seeds = if arguments.reveal { Seeds::Revealed } else { Seeds::Secret };
    let before = Summary::read(folder).ok();
    let results = write_reports(folder, &entries, &scoring, seeds)?;
    // Whoever goes on with the grading or exports it means these points.
    if let Some(kept) = kept {
        kept.scored_with(rubric, adjustments)?.write(folder)?;
    }
    if let Some(before) = before {
        let comparison = Comparison::of(&before, &Summary::read(folder)?);
        if comparison.has_changes() {
            complain(&format!("note: since the last report {}", conclusion(&comparison)));
        }
    }
    Ok(if results.is_final() { Exit::Done } else { Exit::TryAgain })
}
