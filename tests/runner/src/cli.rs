//! The two front doors: `cargo lab …`, and what `cargo test` and nextest say.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use libtest_mimic::{Arguments, FormatSetting};
use records::{Clock, Seed, TestInfo};

use crate::case::Case;
use crate::json::Log;
use crate::plan::Selection;
use crate::report::say;
use crate::{child, process, serve, session};

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All tests have passed.
    Passed = 0,
    /// A test has failed.
    Failed = 1,
    /// The arguments or the environment make no sense.
    Usage = 2,
    /// The harness itself is at fault.
    Fault = 4,
    /// The run was interrupted.
    Interrupted = 130,
}

/// Runs the Raft labs' tests.
#[derive(Parser)]
#[command(name = "cargo lab", bin_name = "cargo lab", disable_help_subcommand = true)]
struct Lab {
    #[command(subcommand)]
    command: LabCommand,
    /// Accepted because cargo passes it on.
    #[arg(long, hide = true, global = true)]
    quiet: bool,
}

#[derive(Subcommand)]
enum LabCommand {
    /// Runs tests, each in a process of its own
    Run(RunArguments),
    /// Lists tests
    List(ListArguments),
    /// Makes the runs that a grader orders, a line of JSON each, on standard input
    #[command(hide = true)]
    Serve,
}

#[derive(Args)]
struct Filters {
    /// Parts of test names, such as 2A or figure8; all tests without any
    filters: Vec<String>,
    /// Excludes tests whose name has this part
    #[arg(long, value_name = "PART")]
    skip: Vec<String>,
    /// Takes filters and skips as whole names, such as 2A::initial_election
    #[arg(long)]
    exact: bool,
}

#[derive(Args)]
struct ListArguments {
    #[command(flatten)]
    filters: Filters,
    /// Prints a line of JSON for each test
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct RunArguments {
    #[command(flatten)]
    filters: Filters,
    /// Runs in virtual time, on threads that the seed schedules: fast, and exactly the same again
    #[arg(long)]
    sim: bool,
    /// Runs on the clock of the system, which is the default
    #[arg(long, conflicts_with = "sim")]
    real: bool,
    /// Sets the seed of all random choices, such as 17 or 0x5f3a
    #[arg(long)]
    seed: Option<Seed>,
    /// Runs each test this many times, with one seed after the other
    #[arg(short = 'n', long, default_value_t = 1, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// Makes no more runs once one has failed
    #[arg(long)]
    until_fail: bool,
    /// Runs each seed twice and fails if the runs differ; simulation only
    #[arg(long, requires = "sim")]
    check_determinism: bool,
    /// Writes every event of the one simulation that is run to this file
    #[arg(long, requires = "sim", conflicts_with = "seeds", value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Runs this many tests at once; as many as there are processors with --sim, or else one
    #[arg(long, value_name = "COUNT")]
    jobs: Option<usize>,
    /// Appends a line of JSON for each test to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Shows what the tests print while they run
    #[arg(long)]
    nocapture: bool,
}

impl From<Filters> for Selection {
    fn from(filters: Filters) -> Self {
        Selection { filters: filters.filters, skip: filters.skip, exact: filters.exact }
    }
}

/// Runs the program with these tests.
pub fn main(cases: &[Case]) -> ExitCode {
    let first = std::env::args().nth(1);
    let exit = match first.as_deref() {
        Some(process::CHILD_ARGUMENT) => return child::main(cases),
        Some("run" | "list" | "serve" | "help" | "-h" | "--help") => lab(cases),
        _ => plain(cases),
    };
    let exit = exit.unwrap_or_else(|problem| {
        eprintln!("error: {problem}");
        Exit::Usage
    });
    ExitCode::from(exit as u8)
}

/// `cargo lab …`
fn lab(cases: &[Case]) -> Result<Exit, String> {
    match Lab::parse().command {
        LabCommand::List(filters) => {
            let cases = selected(cases, &filters.filters.into())?;
            if filters.json {
                list_as_json(&cases)
            } else {
                list(&cases)
            }
            Ok(Exit::Passed)
        }
        LabCommand::Serve => serve::main(cases),
        LabCommand::Run(arguments) => {
            let cases = selected(cases, &arguments.filters.into())?;
            if arguments.trace.is_some() && cases.len() != 1 {
                return Err(format!("--trace is for one test, and {} are meant", cases.len()));
            }
            let clock = if arguments.sim { Clock::Sim } else { Clock::Real };
            let options = session::Options {
                clock,
                seed: arguments.seed,
                seeds: arguments.seeds,
                until_fail: arguments.until_fail,
                check_determinism: arguments.check_determinism,
                trace: arguments.trace,
                jobs: arguments.jobs.unwrap_or_else(|| default_jobs(clock)),
                show_output: arguments.nocapture,
                log: arguments.json.as_deref().map(Log::open).transpose()?,
            };
            session::run(&cases, options)
        }
    }
}

fn selected(cases: &[Case], selection: &Selection) -> Result<Vec<Case>, String> {
    let selected = selection.apply(cases);
    if selected.is_empty() { Err(nothing_matches(cases, selection)) } else { Ok(selected) }
}

fn nothing_matches(cases: &[Case], selection: &Selection) -> String {
    let mut stages: Vec<&str> = cases.iter().map(|case| case.stage).collect();
    stages.dedup();
    let filters = selection.filters.join("\", \"");
    format!(
        "no test matches \"{filters}\"; the stages are {}, and `cargo lab list` lists all tests",
        stages.join(", ")
    )
}

fn list(cases: &[Case]) {
    for case in cases {
        say(&format!("{}\n    {}", case.id(), case.title));
    }
}

fn list_as_json(cases: &[Case]) {
    for case in cases {
        let info = TestInfo {
            test: case.id(),
            stage: case.stage.to_owned(),
            title: case.title.to_owned(),
            limit_seconds: case.limit.as_secs(),
        };
        say(&serde_json::to_string(&info).expect("plain data is JSON"));
    }
}

/// `cargo test …` and nextest, with the arguments of Rust's own test harness.
fn plain(cases: &[Case]) -> Result<Exit, String> {
    let arguments = Arguments::from_args();
    let selection = Selection {
        filters: arguments.filter.into_iter().collect(),
        skip: arguments.skip,
        exact: arguments.exact,
    };
    // None of the tests is ever ignored, and there are no benchmarks.
    let chosen =
        if arguments.ignored || arguments.bench { Vec::new() } else { selection.apply(cases) };
    if arguments.list {
        for case in &chosen {
            say(&format!("{}: test", case.id()));
        }
        if arguments.format != Some(FormatSetting::Terse) {
            say(&format!("\n{} tests, 0 benchmarks", chosen.len()));
        }
        return Ok(Exit::Passed);
    }
    if chosen.is_empty() {
        say(&nothing_matches(cases, &selection));
        return Ok(Exit::Passed);
    }
    let is_simulated = environment("LAB_SIM", parse_switch)?.unwrap_or(false);
    let clock = if is_simulated { Clock::Sim } else { Clock::Real };
    let options = session::Options {
        clock,
        seed: environment("LAB_SEED", str::parse)?,
        seeds: environment("LAB_SEEDS", parse_count)?.unwrap_or(1),
        until_fail: false,
        check_determinism: false,
        trace: None,
        jobs: arguments.test_threads.unwrap_or_else(|| default_jobs(clock)),
        show_output: arguments.nocapture,
        log: None,
    };
    say("");
    session::run(&chosen, options)
}

/// One simulation for each processor; of tests on the clock, which wait most of the time, two.
fn default_jobs(clock: Clock) -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    match clock {
        Clock::Real => 2 * processors,
        Clock::Sim => processors,
    }
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
    count.ok_or_else(|| format!("\"{text}\" is no number of seeds: write one such as 100"))
}
