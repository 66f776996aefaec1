//! `cargo grade bugs`

use std::path::PathBuf;

use clap::Args;
use records::{Clock, Seed};

use super::exit::Exit;
use super::grading_options::default_jobs;
use super::numbers;
use crate::bugs::{self, Chosen, Finding, Measurement, Tally, measure};
use crate::files::{check_writable, write_file};
use crate::report::say;
use crate::sandbox::Isolation;
use crate::{interrupt, stages};

#[derive(Args)]
pub(crate) struct BugsArguments {
    /// Bugs of grading/bugs, such as vote-for-stale-log [default: all]
    names: Vec<String>,
    /// Only bugs that these stages must notice, such as 2A,2B
    #[arg(long, value_delimiter = ',', value_parser = stages::parse)]
    stages: Vec<String>,
    /// How many seeds to run each bug's stage with
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 20, value_parser = numbers::runs)]
    seeds: u64,
    /// First seed; the others follow it
    #[arg(long, value_name = "SEED", default_value = "1")]
    first_seed: Seed,
    /// Stops a seed at the first failure, and a bug when its result is clear
    #[arg(long)]
    quick: bool,
    /// Runs to make at once [default: all processors]
    #[arg(long, value_name = "COUNT", value_parser = numbers::jobs)]
    jobs: Option<usize>,
    /// Writes the results to this file, as JSON
    #[arg(short = 'o', long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Writes the results to this file, as a page of Markdown
    #[arg(long, value_name = "FILE", conflicts_with = "quick")]
    markdown: Option<PathBuf>,
    /// Sandbox to use [default: the strongest available here]
    #[arg(long)]
    sandbox: Option<Isolation>,
}

/// Measures how reliably the tests notice known bugs.
pub(crate) fn measure_bugs(arguments: BugsArguments) -> Result<Exit, String> {
    // Measuring takes hours: what would stop the end is said now.
    [&arguments.json, &arguments.markdown]
        .into_iter()
        .flatten()
        .try_for_each(|path| check_writable(path))?;
    let measurement = Measurement {
        chosen: Chosen { names: arguments.names, stages: arguments.stages },
        seeds: arguments.seeds,
        first_seed: arguments.first_seed,
        jobs: arguments.jobs.unwrap_or_else(|| default_jobs(Clock::Sim)),
        is_quick: arguments.quick,
        sandbox: arguments.sandbox,
    };
    let tallies = measure(&measurement, |tally| say(&bugs::row(tally)))?;
    if !measurement.is_quick {
        say(&format!("\n{}", bugs::tests(&tallies)));
    }
    say(&format!("\n{}", bugs::summary(&tallies)));
    if let Some(path) = &arguments.json {
        write_file(path, json(&tallies)?)?;
    }
    if let Some(path) = &arguments.markdown {
        write_file(path, bugs::page(&tallies))?;
    }
    Ok(match (interrupt::requested(), bugs::all_noticed(&tallies)) {
        (true, _) => Exit::Interrupted,
        (false, true) => Exit::Done,
        (false, false) => Exit::Failed,
    })
}

fn json(tallies: &[Tally]) -> Result<String, String> {
    let findings: Vec<Finding<'_>> = tallies.iter().map(Tally::finding).collect();
    serde_json::to_string_pretty(&findings)
        .map_err(|error| format!("cannot write the results as JSON: {error}"))
}
