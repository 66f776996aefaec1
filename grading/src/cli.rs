//! The command line.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use records::{Clock, Seed};

use crate::grade::{Gates, Plan, grade};
use crate::gradescope;
use crate::handout::{Handout, verify};
use crate::interrupt;
use crate::repeat::{Repetition, repeat};
use crate::report::{self, Seeds, say};
use crate::rubric::Rubric;
use crate::runlog::{Entry, RunLog};
use crate::sandbox::{LAUNCHER, Launch, Sandbox, Wall, launch};
use crate::selfcheck::{Extent, selfcheck};
use crate::stages;
use crate::submission::Submission;
use crate::tree;
use crate::workshop::Workshop;

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
    /// Makes all reports of a grading anew
    Report(ReportArguments),
    /// Runs tests of one submission very many times, and says what that proves
    Repeat(RepeatArguments),
    /// Proves the grader: honest solutions, attacks, interruptions
    Selfcheck(SelfcheckArguments),
    /// Packs an autograder for Gradescope
    Gradescope(GradescopeArguments),
    /// Compiles what all submissions have in common
    #[command(hide = true)]
    Prepare,
    /// Grades one submission for Gradescope
    #[command(hide = true)]
    Judge(JudgeArguments),
    #[command(name = LAUNCHER, hide = true)]
    Launch(Launch),
}

#[derive(Args)]
struct HandoutArguments {
    /// Writes the workspace to this folder, which must not be there yet
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The stages that students write, such as 2C,2D; earlier stages of the same lab stay solved
    /// [default: all stages]
    #[arg(long, value_delimiter = ',', value_parser = stages::parse)]
    stages: Vec<String>,
    /// Leaves the solutions of exactly these stages in, such as 2A,2B
    #[arg(long, value_name = "STAGES", value_delimiter = ',', value_parser = stages::parse)]
    with_solutions: Vec<String>,
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
struct ReportArguments {
    /// The folder of results
    results: PathBuf,
    /// Tells students the seeds that failed, and how to replay them; grading is over then
    #[arg(long)]
    reveal: bool,
    /// What tests are worth
    #[arg(long, value_name = "FILE")]
    rubric: Option<PathBuf>,
}

#[derive(Args)]
struct RepeatArguments {
    /// One submission
    submission: PathBuf,
    /// Parts of test names, such as 2A or figure8; all tests without any
    filters: Vec<String>,
    /// Makes this many runs of each test
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    runs: u64,
    /// Begins with this seed, and goes on with those that follow
    #[arg(long, default_value = "1")]
    seed: Seed,
    /// Runs on the clock, and not in simulations
    #[arg(long)]
    real: bool,
    /// Stops at the first failure
    #[arg(long)]
    until_fail: bool,
    /// Makes this many runs at once; as many as there are processors in simulations, or else one
    #[arg(long, value_name = "COUNT")]
    jobs: Option<usize>,
    /// Keeps the submission in by this; the best that works here without it
    #[arg(long)]
    wall: Option<Wall>,
}

#[derive(Args)]
struct SelfcheckArguments {
    /// Runs each test this often
    #[arg(long, value_name = "COUNT", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// Grades this many submissions at once; as many as there are processors without it
    #[arg(long, value_name = "COUNT")]
    jobs: Option<usize>,
    /// Keeps submissions in by this; the best that works here without it
    #[arg(long)]
    wall: Option<Wall>,
}

#[derive(Args)]
struct GradescopeArguments {
    /// Writes the archive to this file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Grades these stages only, such as 2A,2B
    #[arg(long, value_delimiter = ',')]
    stages: Vec<String>,
    /// Runs each test with this many secret seeds
    #[arg(long, value_name = "COUNT", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// Draws the seeds from the secret in this file; the archive gets one of its own without it
    #[arg(long, value_name = "FILE")]
    secret: Option<PathBuf>,
}

#[derive(Args)]
struct JudgeArguments {
    /// The submission
    submission: PathBuf,
    /// Where Gradescope looks for the results
    #[arg(long, value_name = "FILE")]
    results: PathBuf,
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
        GradeCommand::Gradescope(arguments) => pack(&arguments),
        GradeCommand::Prepare => prepare(),
        GradeCommand::Judge(arguments) => judge(arguments),
        GradeCommand::Selfcheck(arguments) => prove(&arguments),
        GradeCommand::Report(arguments) => make_reports(&arguments),
        GradeCommand::Repeat(arguments) => make_repetition(arguments),
    };
    let exit = exit.unwrap_or_else(|problem| {
        eprintln!("error: {problem}");
        Exit::Usage
    });
    ExitCode::from(exit as u8)
}

fn make_handout(arguments: &HandoutArguments) -> Result<Exit, String> {
    let out = &arguments.out;
    let cut = stages::to_cut(&arguments.stages, &arguments.with_solutions)?;
    if out.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(format!("{} is not empty: a handout needs a folder of its own", out.display()));
    }
    let root = tree::root();
    let handout = Handout::cut(&root, &cut)?;
    handout.write(out)?;
    say(&format!("{}: {} files, sha256 {}", out.display(), handout.files.len(), handout.hash()));
    let checked = verify(&root, &cut, out, |finding| say(&format!("  ok  {finding}")));
    match checked {
        Ok(()) => Ok(Exit::Done),
        Err(problem) => {
            say(&format!("  NO  {problem}"));
            say("do not give this handout to anybody");
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
    say(&report::summary(&results));
    say(&format!("reports: {}", plan.results.join("dashboard.html").display()));
    Ok(if ended.complete { Exit::Done } else { Exit::Interrupted })
}

fn make_reports(arguments: &ReportArguments) -> Result<Exit, String> {
    let folder = &arguments.results;
    let entries = RunLog::read(folder)?;
    let Some(Entry::Grading(grading)) = entries.first() else {
        return Err(format!("{} holds no grading", folder.display()));
    };
    let own = || own_rubric(&tree::root());
    let rubric = Rubric::load(&arguments.rubric.clone().unwrap_or_else(own), &grading.tests)?;
    let items = rubric.items(&grading.stages, &grading.tests)?;
    let seeds = if arguments.reveal { Seeds::Revealed } else { Seeds::Secret };
    let results = report::write_all(folder, &entries, &items, seeds)?;
    say(&report::summary(&results));
    say(&format!("reports: {}", folder.join("dashboard.html").display()));
    Ok(Exit::Done)
}

fn prove(arguments: &SelfcheckArguments) -> Result<Exit, String> {
    let holds = selfcheck(Extent {
        runs: arguments.seeds,
        jobs: arguments.jobs.unwrap_or_else(|| default_jobs(Clock::Sim)),
        wall: arguments.wall,
    })?;
    Ok(if holds { Exit::Done } else { Exit::Failed })
}

fn pack(arguments: &GradescopeArguments) -> Result<Exit, String> {
    let GradescopeArguments { out, stages, seeds, secret } = arguments;
    gradescope::pack(&tree::root(), out, stages, *seeds, secret.as_deref())?;
    say(&format!("{}: upload it as the autograder of a programming assignment", out.display()));
    Ok(Exit::Done)
}

fn prepare() -> Result<Exit, String> {
    let sandbox = Sandbox::find(None)?;
    let tests = Workshop::open(sandbox)?.tests()?;
    say(&format!("ready for {} tests", tests.len()));
    Ok(Exit::Done)
}

/// Whatever happens, there are results for Gradescope to read.
fn judge(arguments: JudgeArguments) -> Result<Exit, String> {
    let live = arguments.results;
    report::write_results(&live, &[], &[])?;
    let scratch = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let submission = Submission { student: "submission".to_owned(), path: arguments.submission };
    let mut plan = arguments.how.plan(vec![submission], scratch.path().join("results"));
    plan.live = Some(live.clone());
    let ended = grade(&plan)?;
    report::write_results(&live, &RunLog::read(&plan.results)?, &ended.items)?;
    Ok(Exit::Done)
}

fn make_repetition(arguments: RepeatArguments) -> Result<Exit, String> {
    let clock = if arguments.real { Clock::Real } else { Clock::Sim };
    let passed = repeat(&Repetition {
        submission: arguments.submission,
        filters: arguments.filters,
        runs: arguments.runs,
        first_seed: arguments.seed,
        clock,
        jobs: arguments.jobs.unwrap_or_else(|| default_jobs(clock)).max(1),
        until_fail: arguments.until_fail,
        wall: arguments.wall,
    })?;
    Ok(match (interrupt::requested(), passed) {
        (true, _) => Exit::Interrupted,
        (false, true) => Exit::Done,
        (false, false) => Exit::Failed,
    })
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
            gates: Gates::Shut,
            live: None,
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
