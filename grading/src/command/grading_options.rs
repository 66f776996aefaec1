//! The options of every command that grades.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use records::Clock;

use crate::build::BuildOptions;
use crate::grade::Plan;
use crate::rubric::Rubric;
use crate::sandbox::Isolation;
use crate::stages;
use crate::submission::Submission;
use crate::tree;

/// How to grade.
#[derive(Args)]
pub(super) struct GradingOptions {
    /// Stages to grade, such as 2A,2B [default: all]
    #[arg(long, value_delimiter = ',', value_parser = stages::parse)]
    stages: Vec<String>,
    /// How many secret seeds to simulate each test with
    #[arg(long, value_name = "COUNT", default_value_t = 20, conflicts_with = "real", value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// How many times to run each test in real time, without simulation
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    real: Option<u64>,
    /// Submissions to grade at once [default: all processors; 1 with --real]
    #[arg(long, value_name = "COUNT")]
    jobs: Option<usize>,
    /// Seconds of processor time for each run; all runs of a submission share them
    ///
    /// When they are used up, the runs that are left have failed.
    #[arg(long, value_name = "SECONDS", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..))]
    cpu_per_run: u64,
    /// Sandbox to use [default: the strongest available here]
    #[arg(long)]
    sandbox: Option<Isolation>,
    /// Rubric file [default: grading/rubric.toml]
    #[arg(long, value_name = "FILE")]
    rubric: Option<PathBuf>,
    /// File with the secret for the seeds [default: `secret` in the results]
    #[arg(long, value_name = "FILE")]
    secret: Option<PathBuf>,
}

impl GradingOptions {
    /// The plan to grade these submissions.
    ///
    /// # Errors
    ///
    /// If the rubric is wrong.
    pub(super) fn plan(
        self,
        submissions: Vec<Submission>,
        results: PathBuf,
    ) -> Result<Plan, String> {
        let (clock, runs) = match self.real {
            Some(runs) => (Clock::Real, runs),
            None => (Clock::Sim, self.seeds),
        };
        let rubric = self.rubric.unwrap_or_else(default_rubric);
        Ok(Plan {
            submissions,
            results,
            stages: self.stages,
            rubric: Rubric::read(&rubric, runs)?,
            clock,
            runs,
            per_run: Duration::from_secs(self.cpu_per_run),
            jobs: self.jobs.unwrap_or_else(|| default_jobs(clock)),
            sandbox: self.sandbox,
            secret: self.secret,
            build: BuildOptions::default(),
            live: None,
        })
    }
}

/// The rubric of this workspace.
pub(super) fn default_rubric() -> PathBuf {
    tree::root().join("grading/rubric.toml")
}

/// How many runs to make at once. In real time, several tests would slow each other down.
pub(super) fn default_jobs(clock: Clock) -> usize {
    match clock {
        Clock::Real => 1,
        Clock::Sim => std::thread::available_parallelism().map_or(1, usize::from),
    }
}
