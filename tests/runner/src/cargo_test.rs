//! `cargo test …` and nextest, with the arguments of Rust's own test harness.

use clap::Parser;
use libtest_mimic::{Arguments, FormatSetting};
use records::Clock;

use crate::case::Case;
use crate::exit::Exit;
use crate::plan::Plan;
use crate::selection::Selection;
use crate::session::{self, Options};
use crate::text::print_line;
use crate::{list, processors};

/// The arguments of Rust's test harness, with any number of filters.
#[derive(Parser)]
#[command(name = "cargo test", override_usage = "cargo test [FILTER] [-- [OPTIONS] [FILTER]...]")]
struct HarnessArguments {
    #[command(flatten)]
    first: Arguments,
    #[arg(value_name = "FILTER")]
    more_filters: Vec<String>,
}

/// Runs or lists the tests that the arguments name.
///
/// # Errors
///
/// If the environment has a variable that cannot be read, or asks for what this system cannot do.
pub(crate) fn main(cases: &[Case]) -> Result<Exit, String> {
    let HarnessArguments { first: arguments, more_filters } = HarnessArguments::parse();
    let selection = Selection {
        filters: arguments.filter.into_iter().chain(more_filters).collect(),
        skip: arguments.skip,
        exact: arguments.exact,
    };
    // No test is ever ignored, and there are no benchmarks.
    let chosen =
        if arguments.ignored || arguments.bench { Vec::new() } else { selection.apply(cases) };
    if arguments.list {
        list::print_as_harness(&chosen, arguments.format == Some(FormatSetting::Terse));
        return Ok(Exit::Passed);
    }
    if chosen.is_empty() {
        print_line(&selection.nothing_matches(cases));
        return Ok(Exit::Passed);
    }
    let options = options_from_environment(arguments.test_threads, arguments.nocapture)?;
    print_line("");
    session::run(&chosen, options)
}

fn options_from_environment(jobs: Option<usize>, show_output: bool) -> Result<Options, String> {
    let is_simulated = environment("LAB_SIM", parse_switch)?.unwrap_or(false);
    let clock = if is_simulated { Clock::Sim } else { Clock::Real };
    Ok(Options {
        clock,
        seed: environment("LAB_SEED", str::parse)?,
        plan: Plan::default(),
        seeds: environment("LAB_SEEDS", parse_count)?.unwrap_or(1),
        until_fail: false,
        check_determinism: false,
        trace: None,
        jobs: jobs.unwrap_or_else(|| processors::default_jobs(clock)),
        show_output,
        log: None,
    })
}

/// Reads a variable of the environment, if it is set.
fn environment<T>(
    name: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, String> {
    let Some(value) = std::env::var_os(name) else {
        return Ok(None);
    };
    let value = parse(&value.to_string_lossy());
    value.map(Some).map_err(|problem| format!("{name}: {problem}"))
}

fn parse_switch(text: &str) -> Result<bool, String> {
    match text {
        "1" => Ok(true),
        "0" | "" => Ok(false),
        _ => Err(format!("\"{text}\" is neither 1 nor 0")),
    }
}

fn parse_count(text: &str) -> Result<u64, String> {
    let count = text.parse().ok().filter(|count| *count > 0);
    count.ok_or_else(|| format!("\"{text}\" is not a number of seeds: write one such as 100"))
}
