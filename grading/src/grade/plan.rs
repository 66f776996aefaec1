//! What to grade, and how.

use std::path::PathBuf;
use std::time::Duration;

use records::{Clock, TestInfo};

use crate::build::BuildOptions;
use crate::runlog::{Grading, Harness, VERSION};
use crate::sandbox::Isolation;
use crate::scoring::Scoring;
use crate::seeds::SeedKey;
use crate::submission::HandedIn;

/// What to grade, and how.
pub(crate) struct Plan {
    pub(crate) handed_in: HandedIn,
    /// The folder for the results.
    pub(crate) results: PathBuf,
    /// All tests that exist.
    pub(crate) tests: Vec<TestInfo>,
    /// The tests to run, and what makes points out of the runs.
    pub(crate) scoring: Scoring,
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
    /// What the seeds are drawn with.
    pub(crate) seeds: SeedKey,
    pub(crate) build: BuildOptions,
    /// The file where Gradescope looks for the results of the only submission. It is written again after
    /// each test.
    pub(crate) live: Option<PathBuf>,
}

impl Plan {
    /// The description of the grading, for its log.
    pub(crate) fn grading(&self, harness: &Harness) -> Grading {
        let mut stages: Vec<String> =
            self.scoring.items.iter().map(|item| item.stage.clone()).collect();
        stages.dedup();
        Grading {
            version: VERSION,
            stages,
            tests: self.tests.clone(),
            clock: self.clock,
            runs: self.runs,
            seeds: self.seeds.fingerprint(),
            harness: harness.clone(),
            rubric: self.scoring.rubric.hash.clone(),
        }
    }
}
