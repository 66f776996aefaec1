//! `cargo grade report`

use std::path::PathBuf;

use clap::Args;

use super::adjustments_option::AdjustmentsOption;
use super::exit::Exit;
use super::reports::{read_graded, write_reports};
use crate::compare::{Comparison, Summary, conclusion};
use crate::report::{Seeds, complain};

#[derive(Args)]
pub(crate) struct ReportArguments {
    /// Folder with the results
    results: PathBuf,
    /// Tell students the failing seeds, and how to replay them
    #[arg(long)]
    reveal: bool,
    /// Rubric file [default: that of the grading]
    #[arg(long, value_name = "FILE")]
    rubric: Option<PathBuf>,
    #[command(flatten)]
    adjustments: AdjustmentsOption,
}

/// Writes all reports of a grading again.
pub(crate) fn make_reports(arguments: ReportArguments) -> Result<Exit, String> {
    let folder = &arguments.results;
    let (entries, scoring) = read_graded(folder, arguments.rubric, arguments.adjustments)?;
    let seeds = if arguments.reveal { Seeds::Revealed } else { Seeds::Secret };
    let before = Summary::read(folder).ok();
    write_reports(folder, &entries, &scoring, seeds)?;
    if let Some(before) = before {
        let comparison = Comparison::of(&before, &Summary::read(folder)?);
        if comparison.has_changes() {
            complain(&format!("note: since the last report {}", conclusion(&comparison)));
        }
    }
    Ok(Exit::Done)
}
