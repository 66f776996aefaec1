//! `cargo grade run`

use std::path::PathBuf;

use clap::Args;

use super::adjustments_option::AdjustmentsOption;
use super::exit::Exit;
use super::grading_options::GradingOptions;
use crate::grade::grade;
use crate::report::{self, Seeds, say};
use crate::runlog::{RunLog, students};
use crate::scoring::Scoring;
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
    adjustments: AdjustmentsOption,
    #[command(flatten)]
    options: GradingOptions,
}

/// Grades a folder of submissions, and writes all reports.
pub(crate) fn run(arguments: RunArguments) -> Result<Exit, String> {
    let submissions = Submission::list(&arguments.submissions)?;
    let plan = arguments.options.plan(submissions, arguments.out)?;
    // A grading that goes on may have results of others, too.
    let before = RunLog::read(&plan.results).unwrap_or_default();
    let now = plan.submissions.iter().map(|submission| submission.student.as_str());
    let students = now.chain(students(&before)).collect();
    let adjustments = arguments.adjustments.read(&plan.results, &students, &plan.rubric)?;
    let graded = grade(&plan)?;
    let entries = RunLog::read(&plan.results)?;
    let scoring = Scoring { late: plan.rubric.late(), adjustments, ..graded.scoring };
    let results = report::write_all(&plan.results, &entries, &scoring, Seeds::Secret)?;
    say(&report::summary(&results));
    say(&format!("reports: {}", plan.results.join("dashboard.html").display()));
    Ok(if graded.complete { Exit::Done } else { Exit::Interrupted })
}
