//! What to grade, and how.

use std::path::PathBuf;
use std::time::Duration;

use records::Clock;

use crate::build::BuildOptions;
use crate::rubric::Rubric;
use crate::sandbox::Isolation;
use crate::submission::Submission;

/// What to grade, and how.
pub(crate) struct Plan {
    pub(crate) submissions: Vec<Submission>,
    /// The folder for the results.
    pub(crate) results: PathBuf,
    /// The stages to grade; all stages if empty.
    pub(crate) stages: Vec<String>,
    pub(crate) rubric: Rubric,
    pub(crate) clock: Clock,
    /// How many times each test runs.
    pub(crate) runs: u64,
    /// The processor time for each run. All runs of a submission share it; what runs are left when it is used
    /// up have failed.
    pub(crate) per_run: Duration,
    /// How many submissions are graded at once.
    pub(crate) jobs: usize,
    /// The isolation to use; the strongest available if `None`.
    pub(crate) sandbox: Option<Isolation>,
    /// The file with the secret for the seeds; one in the results folder if `None`.
    pub(crate) secret: Option<PathBuf>,
    pub(crate) build: BuildOptions,
    /// The file where Gradescope looks for the results of the only submission. It is written again after
    /// each test.
    pub(crate) live: Option<PathBuf>,
}
