//! `cargo grade run`

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::grading_options::GradingOptions;
use crate::grade::grade;
use crate::report::{self, Seeds, say};
use crate::runlog::RunLog;
use crate::submission::Submission;

#[derive(Args)]
pub(crate) struct RunArguments {
    /// Folder with the submissions, one file or folder per student
    ///
    /// A submission is a .rs file, folder, .zip, .tar.gz or git repository.
    submissions: PathBuf,
    /// Folder for the results; resumes a grading that was interrupted there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    options: GradingOptions,
}

/// Grades a folder of submissions, and writes all reports.
pub(crate) fn run(arguments: RunArguments) -> Result<Exit, String> {
    let submissions = Submission::list(&arguments.submissions)?;
    let plan = arguments.options.plan(submissions, arguments.out);
    let graded = grade(&plan)?;
    let entries = RunLog::read(&plan.results)?;
    let results = report::write_all(&plan.results, &entries, &graded.items, Seeds::Secret)?;
    say(&report::summary(&results));
    say(&format!("reports: {}", plan.results.join("dashboard.html").display()));
    Ok(if graded.complete { Exit::Done } else { Exit::Interrupted })
}
