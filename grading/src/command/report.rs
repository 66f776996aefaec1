//! `cargo grade report`

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Exit;
use super::grading_options::default_rubric;
use crate::report::{self, Seeds, say};
use crate::rubric::{Item, Rubric};
use crate::runlog::{Entry, RunLog};

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
}

/// Writes all reports of a grading again.
pub(crate) fn make_reports(arguments: ReportArguments) -> Result<Exit, String> {
    let folder = &arguments.results;
    let (entries, items) = read_graded(folder, arguments.rubric.as_deref())?;
    let seeds = if arguments.reveal { Seeds::Revealed } else { Seeds::Secret };
    let results = report::write_all(folder, &entries, &items, seeds)?;
    say(&report::summary(&results));
    say(&format!("reports: {}", folder.join("dashboard.html").display()));
    Ok(Exit::Done)
}

/// The log of a grading, and what its tests are worth by this rubric.
pub(super) fn read_graded(
    folder: &Path,
    rubric: Option<&Path>,
) -> Result<(Vec<Entry>, Vec<Item>), String> {
    let entries = RunLog::read(folder)?;
    let Some(Entry::Grading(grading)) = entries.first() else {
        return Err(format!("{} does not contain a grading", folder.display()));
    };
    let rubric = rubric.map_or_else(default_rubric, Path::to_owned);
    let items = Rubric::load(&rubric, &grading.tests)?.items(&grading.stages, &grading.tests)?;
    Ok((entries, items))
}
