//! `cargo grade run`

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::grading_options::GradingOptions;
use crate::grade::grade;
use crate::report::{self, Seeds, complain, say};
use crate::roster::Roster;
use crate::runlog::RunLog;
use crate::submission::HandedIn;

#[derive(Args)]
pub(crate) struct RunArguments {
    /// Folder with the submissions, one file or folder per student
    ///
    /// A submission is a .rs file, folder, .zip, .tar.gz or git repository.
    submissions: PathBuf,
    /// Folder for the results; resumes a grading that was interrupted there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// CSV file that says who is in the class: a column `student`, and name, id, email, group as you have them
    ///
    /// Downloads from Canvas, Moodle and Gradescope are matched to it, and who has handed in nothing is listed.
    #[arg(long, value_name = "FILE")]
    roster: Option<PathBuf>,
    /// Grade these students alone, called as in the results
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    #[command(flatten)]
    options: GradingOptions,
}

/// Grades a folder of submissions, and writes all reports.
pub(crate) fn run(arguments: RunArguments) -> Result<Exit, String> {
    let roster = arguments.roster.as_deref().map(Roster::load).transpose()?;
    let mut handed_in = HandedIn::find(&arguments.submissions, roster.as_ref())?;
    if !arguments.only.is_empty() {
        handed_in = handed_in.only(&arguments.only)?;
    }
    if !handed_in.ignored.is_empty() {
        complain(&format!("note: not taken for submissions: {}", handed_in.ignored.join(", ")));
    }
    let plan = arguments.options.plan(handed_in, arguments.out);
    let graded = grade(&plan)?;
    let entries = RunLog::read(&plan.results)?;
    let results = report::write_all(&plan.results, &entries, &graded.items, Seeds::Secret)?;
    say(&report::summary(&results));
    say(&format!("reports: {}", plan.results.join("dashboard.html").display()));
    Ok(if graded.complete { Exit::Done } else { Exit::Interrupted })
}
