//! `cargo grade report`

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::grading_options::default_rubric;
use super::kept::Kept;
use super::reports::write_reports;
use crate::report::Seeds;
use crate::rubric::Rubric;
use crate::runlog::{Entry, RunLog};

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
}

/// Writes all reports of a grading again.
pub(crate) fn make_reports(arguments: ReportArguments) -> Result<Exit, String> {
    let folder = &arguments.results;
    let entries = RunLog::read(folder)?;
    let Some(Entry::Grading(grading)) = entries.first() else {
        return Err(format!("{} does not contain a grading", folder.display()));
    };
    let kept = Kept::read(folder)?.map(|kept| kept.options.rubric());
    let rubric = arguments.rubric.or(kept).unwrap_or_else(default_rubric);
    let items = Rubric::load(&rubric, &grading.tests)?.items(&grading.stages, &grading.tests)?;
    let seeds = if arguments.reveal { Seeds::Revealed } else { Seeds::Secret };
    write_reports(folder, &entries, &items, seeds)?;
    Ok(Exit::Done)
}
