//! What a class is graded with: the arguments of the commands that begin a grading.

use std::path::PathBuf;

use clap::Args;

use super::adjustments_option::AdjustmentsOption;
use super::grading_options::GradingOptions;

/// What was asked for.
#[derive(Args)]
pub(super) struct Asked {
    /// Folder with the submissions, one file or folder per student [default: as before]
    ///
    /// A submission is a .rs file, folder, .zip, .tar, .tar.gz or git repository. A later folder is added to those before.
    pub(super) submissions: Option<PathBuf>,
    /// Folder for the results; resumes a grading that was interrupted there
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,
    /// CSV file that says who is in the class: a column `student`, and name, id, email, group as you have them
    ///
    /// Downloads from Canvas, Moodle and Gradescope are matched to it, and who has handed in nothing is listed.
    #[arg(long, value_name = "FILE")]
    pub(super) roster: Option<PathBuf>,
    #[command(flatten)]
    pub(super) adjustments: AdjustmentsOption,
    #[command(flatten)]
    pub(super) options: GradingOptions,
}
