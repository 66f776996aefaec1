//! The command line.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use records::Clock;

use crate::grade::{Plan, grade};
use crate::handout::{Handout, verify};
use crate::report::{self, Seeds};
use crate::runlog::RunLog;
use crate::sandbox::{LAUNCHER, Launch, Wall, launch};
use crate::submission::Submission;
use crate::tree;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// All is done.
    Done = 0,
    /// Something that was checked does not hold.
    Failed = 1,
    /// The arguments or the files that they name make no sense.
    Usage = 2,
    /// Interrupted; what is done is kept.
    Interrupted = 130,
}

/// Hands out the labs, and grades what comes back.
#[derive(Parser)]
#[command(name = "cargo grade", bin_name = "cargo grade", disable_help_subcommand = true)]
struct Grade {
    #[command(subcommand)]
    command: GradeCommand,
    /// Accepted because cargo passes it on.
    #[arg(long, hide = true, global = true)]
    quiet: bool,
}

#[derive(Subcommand)]
enum GradeCommand {
    /// Cuts the students' workspace from this one, and proves it
    Handout(HandoutArguments),
    /// Grades a folder of submissions, or goes on with it
    Run(RunArguments),
    #[command(name = LAUNCHER, hide = true)]
    Launch(Launch),
}

#[derive(Args)]
struct HandoutArguments {
    /// Writes the workspace to this folder, which must not be there yet
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Cuts these stages only, such as 2C,2D, and leaves the solutions of others in
    #[arg(long, value_delimiter = ',')]
    stages: Vec<String>,
}

#[derive(Args)]
struct RunArguments {
    /// The folder of submissions: for each student a .rs file, folder, .zip, .tar.gz or git repository
    submissions: PathBuf,
    /// Keeps the results in this folder; one that was begun before is gone on with
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    how: How,
}

#[derive(Args)]
struct How {
    /// Grades these stages only, such as 2A,2B
    #[arg(long, value_delimiter = ',')]
    stages: Vec<String>,
    /// Runs each test with this many secret seeds, in simulations
    #[arg(long, value_name = "COUNT", default_value_t = 20, conflicts_with = "real", value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// Runs each test this often on the clock instead
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    real: Option<u64>,
    /// Grades this many submissions at once; as many as there are processors in simulations, or else one
    #[arg(long, value_name = "COUNT")]
    jobs: Option<usize>,
    /// Keeps submissions in by this; the best that works here without it
    #[arg(long)]
    wall: Option<Wall>,
    /// What tests are worth
    #[arg(long, value_name = "FILE")]
    rubric: Option<PathBuf>,
    /// Draws the seeds from the secret in this file; each results folder has its own without it
    #[arg(long, value_name = "FILE")]
    secret: Option<PathBuf>,
}

/// Runs the program.
pub fn main() -> ExitCode {
    let exit = match Grade::parse().command {
        GradeCommand::Launch(arguments) => return launch(arguments),
        GradeCommand::Handout(arguments) => make_handout(&arguments),
        GradeCommand::Run(arguments) => run(arguments),
    };
    let exit = exit.unwrap_or_else(|problem| {
        eprintln!("error: {problem}");
        Exit::Usage
    });
    ExitCode::from(exit as u8)
}

fn make_handout(arguments: &HandoutArguments) -> Result<Exit, String> {
    let out = &arguments.out;
    if out.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(format!("{} is not empty: a handout needs a folder of its own", out.display()));
    }
    let root = tree::root();
    let handout = Handout::cut(&root, &arguments.stages)?;
    handout.write(out)?;
    println!("{}: {} files, sha256 {}", out.display(), handout.files.len(), handout.hash());
    let checked = verify(&root, &arguments.stages, out, |finding| println!("  ok  {finding}"));
    match checked {
        Ok(()) => Ok(Exit::Done),
        Err(problem) => {
            println!("  NO  {problem}");
            println!("do not give this handout to anybody");
            Ok(Exit::Failed)
        }
    }
}

fn run(arguments: RunArguments) -> Result<Exit, String> {
    let submissions = Submission::list(&arguments.submissions)?;
    let plan = arguments.how.plan(submissions, arguments.out);
    let ended = grade(&plan)?;
    let entries = RunLog::read(&plan.results)?;
    let results = report::write_all(&plan.results, &entries, &ended.items, Seeds::Secret)?;
    println!("{}", report::summary(&results));
    println!("reports: {}", plan.results.join("dashboard.html").display());
    Ok(if ended.complete { Exit::Done } else { Exit::Interrupted })
}

impl How {
    fn plan(self, submissions: Vec<Submission>, results: PathBuf) -> Plan {
        let (clock, runs) = match self.real {
            Some(runs) => (Clock::Real, runs),
            None => (Clock::Sim, self.seeds),
        };
        Plan {
            submissions,
            results,
            stages: self.stages,
            rubric: self.rubric.unwrap_or_else(|| own_rubric(&tree::root())),
            clock,
            runs,
            jobs: self.jobs.unwrap_or_else(|| default_jobs(clock)),
            wall: self.wall,
            secret: self.secret,
        }
    }
}

fn own_rubric(root: &Path) -> PathBuf {
    root.join("grading/rubric.toml")
}

/// Tests on the clock would slow each other down.
fn default_jobs(clock: Clock) -> usize {
    match clock {
        Clock::Real => 1,
        Clock::Sim => std::thread::available_parallelism().map_or(1, usize::from),
    }
}
