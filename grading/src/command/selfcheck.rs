//! `cargo grade selfcheck`

use clap::Args;
use records::Clock;

use super::exit::Exit;
use super::grading_options::default_jobs;
use super::numbers;
use crate::sandbox::Isolation;
use crate::selfcheck::{Extent, selfcheck};

#[derive(Args)]
pub(crate) struct SelfcheckArguments {
    /// Attacks to try, such as fork-bomb [default: all, and everything else]
    attacks: Vec<String>,
    /// Tries only one in this many of the attacks, and of the solutions of other styles
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = numbers::jobs)]
    one_in: usize,
    /// How many seeds to run each test with
    #[arg(long, value_name = "COUNT", default_value_t = 5, value_parser = numbers::runs)]
    seeds: u64,
    /// Submissions to grade at once [default: all processors]
    #[arg(long, value_name = "COUNT", value_parser = numbers::jobs)]
    jobs: Option<usize>,
    /// Sandbox to use [default: the strongest available here]
    #[arg(long)]
    sandbox: Option<Isolation>,
}

/// Checks the grader itself.
pub(crate) fn check_grader(arguments: &SelfcheckArguments) -> Result<Exit, String> {
    let extent = Extent {
        runs: arguments.seeds,
        jobs: arguments.jobs.unwrap_or_else(|| default_jobs(Clock::Sim)),
        sandbox: arguments.sandbox,
    };
    let all_hold = selfcheck(extent, &arguments.attacks, arguments.one_in)?;
    Ok(if all_hold { Exit::Done } else { Exit::Failed })
}
