//! `cargo grade repeat`

use std::path::PathBuf;

use clap::Args;
use records::{Clock, Seed};

use super::exit::Exit;
use super::grading_options::default_jobs;
use super::numbers;
use crate::interrupt;
use crate::repeat::{Repetition, repeat};
use crate::sandbox::Isolation;

#[derive(Args)]
pub(crate) struct RepeatArguments {
    /// One submission
    submission: PathBuf,
    /// Parts of test names, such as 2A or figure8 [default: all but optional tests]
    filters: Vec<String>,
    /// The whole name must match, such as 2C::figure8
    #[arg(long)]
    exact: bool,
    /// How many times to run each test
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 100, value_parser = numbers::runs)]
    runs: u64,
    /// First seed; the other runs use the seeds that follow it
    #[arg(long, default_value = "1")]
    seed: Seed,
    /// Run in simulations, which is the default
    #[arg(long)]
    sim: bool,
    /// Run in real time instead
    #[arg(long, conflicts_with = "sim")]
    real: bool,
    /// Stop at the first failure
    #[arg(long)]
    until_fail: bool,
    /// Runs to make at once [default: all processors; 1 with --real]
    #[arg(long, value_name = "COUNT", value_parser = numbers::jobs)]
    jobs: Option<usize>,
    /// Sandbox to use [default: the strongest available here]
    #[arg(long)]
    sandbox: Option<Isolation>,
}

/// Runs tests of one submission many times.
pub(crate) fn make_repetition(arguments: RepeatArguments) -> Result<Exit, String> {
    let clock = if arguments.real { Clock::Real } else { Clock::Sim };
    let passed = repeat(&Repetition {
        submission: arguments.submission,
        filters: arguments.filters,
        exact: arguments.exact,
        runs: arguments.runs,
        first_seed: arguments.seed,
        clock,
        jobs: arguments.jobs.unwrap_or_else(|| default_jobs(clock)),
        until_fail: arguments.until_fail,
        sandbox: arguments.sandbox,
    })?;
    Ok(match (interrupt::requested(), passed) {
        (true, _) => Exit::Interrupted,
        (false, true) => Exit::Done,
        (false, false) => Exit::Failed,
    })
}
