//! `cargo lab …`

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use records::{Clock, Seed};

use crate::case::Case;
use crate::choices::Choices;
use crate::exit::Exit;
use crate::json::{Log, Printed};
use crate::selection::Selection;
use crate::session::{self, Options};
use crate::show::ShowArguments;
use crate::shrink::ShrinkArguments;
use crate::{list, processors, serve, show, shrink};

const AFTER_HELP: &str = "\
`cargo test 2A` runs a stage, too. Cargo takes one filter; with more of them,
write `cargo test -- 2A 2B` or `cargo lab run 2A 2B`. For `cargo test`,
LAB_SIM=1, LAB_SEED=17 and LAB_SEEDS=100 in the environment stand for --sim,
--seed 17 and --seeds 100.

Exit codes: 0 all tests passed, 1 a test failed, 2 the arguments are wrong,
4 a test has neither passed nor failed, 130 interrupted";

/// Runs and lists the tests of the Raft labs
#[derive(Parser)]
#[command(name = "cargo lab", bin_name = "cargo lab", after_help = AFTER_HELP)]
struct Lab {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs tests
    Run(RunArguments),
    /// Runs one test, and makes a page that shows the run
    Show(ShowArguments),
    /// Looks for a smaller run that fails in the same way, and shows it
    Shrink(ShrinkArguments),
    /// Lists tests and what they claim
    List(ListArguments),
    /// Runs what a grader orders: reads lines of JSON, and answers each with one
    #[command(hide = true)]
    Serve(ServeArguments),
}

#[derive(Args)]
struct Filters {
    /// Parts of names, such as 2A; optional tests run only if named
    filters: Vec<String>,
    /// Leaves out tests with this in their name
    #[arg(long, value_name = "PART")]
    skip: Vec<String>,
    /// Takes whole names, such as 2A::initial_election
    #[arg(long)]
    exact: bool,
}

#[derive(Args)]
struct ServeArguments {
    /// Starts the servers from this program, a `lab` of a submission [default: this program]
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Binds simulations to this processor
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(..1024))]
    processor: Option<u16>,
    /// Answers with what the servers have printed also if a test passes
    #[arg(long)]
    printed: bool,
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
    /// Runs in virtual time: fast, and every seed replays
    #[arg(long)]
    sim: bool,
    /// Runs on the system's clock, which is the default
    #[arg(long, conflicts_with = "sim")]
    real: bool,
    /// Sets the seed of all random choices: 17 or 0x5f3a
    #[arg(long)]
    seed: Option<Seed>,
    /// Runs a case of `cargo lab shrink`, or of a file
    #[arg(long, requires = "sim", conflicts_with_all = ["seed", "seeds"], value_name = "CASE", value_parser = Choices::from_argument)]
    case: Option<Choices>,
    /// Runs each test with this many seeds
    #[arg(short = 'n', long, default_value_t = 1, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// Stops at the first failure
    #[arg(long)]
    until_fail: bool,
    /// Runs each seed twice and compares; needs --sim
    #[arg(long, requires = "sim")]
    check_determinism: bool,
    /// Writes all events of one simulated run to this file
    #[arg(long, requires = "sim", conflicts_with = "seeds", value_name = "FILE")]
    trace: Option<PathBuf>,
    #[arg(long, value_name = "COUNT", help = jobs_help())]
    jobs: Option<usize>,
    /// Adds a line of JSON for each run to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Shows what the tests print, as they print it
    #[arg(long)]
    nocapture: bool,
}

fn jobs_help() -> String {
    let on_clock = processors::runs_per_processor(Clock::Real);
    let simulated = processors::runs_per_processor(Clock::Sim);
    format!(
        "Runs this many tests at once [default: {on_clock} per\nprocessor, or {simulated} per processor with --sim]"
    )
}

/// Runs the command that the arguments name.
///
/// # Errors
///
/// If the arguments do not fit the tests or the system.
pub(crate) fn main(cases: &[Case]) -> Result<Exit, String> {
    match Lab::parse().command {
        Command::Serve(ServeArguments { program, processor, printed }) => {
            let printed = if printed { Printed::Always } else { Printed::OfFailures };
            serve::main(cases, program.as_deref(), processor.map(usize::from), printed)
        }
        Command::Show(arguments) => show::main(cases, arguments),
        Command::Shrink(arguments) => shrink::main(cases, arguments),
        Command::List(arguments) => {
            let mut selection = Selection::from(arguments.filters);
            if selection.filters.is_empty() {
                // It is part of every name, also of those of optional tests.
                selection.filters.push(String::new());
            }
            let cases = selection.select(cases)?;
            if arguments.json {
                list::print_json(&cases)
            } else {
                list::print(&cases)
            }
            Ok(Exit::Passed)
        }
        Command::Run(arguments) => {
            let (selection, options) = arguments.split()?;
            let cases = selection.select(cases)?;
            if options.trace.is_some() && cases.len() != 1 {
                let count = cases.len();
                return Err(format!("--trace needs a single test, but {count} are selected"));
            }
            session::run(&cases, options)
        }
    }
}

impl From<Filters> for Selection {
    fn from(filters: Filters) -> Self {
        Selection { filters: filters.filters, skip: filters.skip, exact: filters.exact }
    }
}

impl RunArguments {
    /// What to run, and how.
    fn split(self) -> Result<(Selection, Options), String> {
        let clock = if self.sim { Clock::Sim } else { Clock::Real };
        let seed = self.case.as_ref().map(|case| case.seed).or(self.seed);
        let plan = self.case.map(|case| case.plan).unwrap_or_default();
        let options = Options {
            clock,
            seed,
            plan,
            seeds: self.seeds,
            until_fail: self.until_fail,
            check_determinism: self.check_determinism,
            trace: self.trace,
            jobs: self.jobs.unwrap_or_else(|| processors::default_jobs(clock)),
            show_output: self.nocapture,
            log: self.json.as_deref().map(Log::open).transpose()?,
        };
        Ok((self.filters.into(), options))
    }
}
