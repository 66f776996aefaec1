//! What a grading will take: time, memory and disk.

use std::collections::HashSet;
use std::time::Duration;

use records::{Clock, Order};

use crate::build::{BuildError, Builder, Workspace};
use crate::grade::{Plan, pictures};
use crate::interrupt;
use crate::runlog::{Entry, Run};
use crate::sandbox::{Isolation, Sandbox, User};
use crate::sandboxed_runner::{Programs, RunnerError, SandboxedRunner};
use crate::scratch;
use crate::submission::{ReadError, StudentFiles};
use crate::tree;

/// The processor time that any one measured run may use.
const LIMIT: Duration = Duration::from_secs(600);

/// Measures with the solution of this workspace what compiling and one seed of each test cost, and says in a few lines
/// what grading the class will take. `None` if interrupted.
///
/// # Errors
///
/// If the solution cannot be compiled or run here.
pub(crate) fn forecast(plan: &Plan) -> Result<Option<String>, String> {
    interrupt::install();
    let sandbox = Sandbox::find(plan.sandbox)?;
    let class = Class::of(plan, &sandbox)?;
    if class.different == 0 {
        return Ok(Some(class.describe()));
    }
    let builder = Builder::open(&Workspace::read()?, sandbox.clone(), plan.build.clone())?;
    eprintln!("measuring with the solution of this workspace");
    Ok(Cost::measure(plan, &sandbox, &builder)?.map(|cost| describe(plan, &sandbox, &class, &cost)))
}

/// The submissions, as far as they matter here.
struct Class {
    submissions: usize,
    /// Those that cannot be read: the student and the reason.
    unreadable: Vec<String>,
    /// The others, those with the same files counted once.
    different: usize,
}

impl Class {
    fn of(plan: &Plan, sandbox: &Sandbox) -> Result<Self, String> {
        let mut hashes = HashSet::new();
        let mut unreadable = Vec::new();
        for submission in &plan.handed_in.submissions {
            match submission.read_files(sandbox) {
                Ok(selected) => drop(hashes.insert(selected.files.hash())),
                Err(ReadError::Refused(problem)) => {
                    unreadable.push(format!("{}: {problem}", submission.student));
                }
                Err(other) => {
                    return Err(format!("{}: {}", submission.student, other.into_message()));
                }
            }
        }
        let submissions = plan.handed_in.submissions.len();
        Ok(Class { submissions, unreadable, different: hashes.len() })
    }

    fn describe(&self) -> String {
        let Class { submissions, ref unreadable, different } = *self;
        let same = submissions - unreadable.len() - different;
        let named: String = unreadable.iter().map(|one| format!("\n  {one}")).collect();
        format!(
            "submissions: {submissions}, of which {different} to grade, {same} with the same files \
             as another, {} that cannot be read{named}",
            unreadable.len()
        )
    }
}

/// What one submission costs.
struct Cost {
    /// The processor time of compiling it, in seconds.
    build: f64,
    /// Seconds for one run of each test: of processor time in a simulation, of real time otherwise.
    seed: f64,
    /// Bytes of memory that its compiler and its runs use at most.
    memory: u64,
    /// Bytes in the log for one run of each test.
    log: u64,
}

impl Cost {
    fn measure(plan: &Plan, sandbox: &Sandbox, builder: &Builder) -> Result<Option<Self>, String> {
        let scratch = scratch::folder()?;
        let solution = StudentFiles::new(tree::solution(&tree::root())?);
        let (program, used) = match builder.build_measured(&solution, scratch.path()) {
            Ok(built) => built,
            Err(_) if interrupt::requested() => return Ok(None),
            Err(BuildError::Compiler(problem) | BuildError::Fault(problem)) => {
                return Err(format!("the solution of this workspace does not compile: {problem}"));
            }
        };
        let build = used.processor_time.as_secs_f64();
        let mut cost = Cost { build, seed: 0.0, memory: used.memory, log: 0 };
        let user = User::take()?;
        user.give(&[scratch.path(), &program])?;
        let programs = Programs { judge: &builder.judge(), node: &program };
        match cost.add_runs(plan, || SandboxedRunner::start(sandbox, programs, user.id())) {
            Ok(()) => Ok(Some(cost)),
            Err(RunnerError::Interrupted) => Ok(None),
            Err(RunnerError::UsedUp) => {
                Err(format!("a run of the solution took more than {} s", LIMIT.as_secs()))
            }
            Err(RunnerError::Broken(problem)) => Err(problem),
        }
    }

    /// Adds one run of each test. Simulated, always: virtual time is what a test takes on the clock.
    fn add_runs(
        &mut self,
        plan: &Plan,
        start: impl FnOnce() -> Result<SandboxedRunner, RunnerError>,
    ) -> Result<(), RunnerError> {
        let mut runner = start()?;
        for item in &plan.scoring.items {
            let seed = plan.seeds.of_run(&item.test, 0);
            let order =
                Order { test: item.test.clone(), seed, clock: Clock::Sim, recording: false };
            let record = runner.run(&order, LIMIT)?;
            let virtual_seconds = record.simulated.as_ref().map_or(0.0, |run| run.virtual_seconds);
            self.seed += match plan.clock {
                Clock::Sim => record.cpu_seconds.unwrap_or_default(),
                Clock::Real => virtual_seconds,
            };
            self.memory = self.memory.max(record.peak_memory.unwrap_or_default());
            self.log += length(record);
        }
        Ok(())
    }
}

/// The bytes that a run takes in the log.
fn length(record: records::Record) -> u64 {
    let run = Run {
        student: "a student's name".to_owned(),
        submission: "0".repeat(64),
        index: 0,
        isolation: String::new(),
        came_again: false,
        picture: None,
        record,
    };
    serde_json::to_string(&Entry::Run(Box::new(run))).map_or(0, |line| line.len() as u64)
}

/// A time in words.
fn show_minutes(seconds: f64) -> String {
    match seconds / 60.0 {
        minutes if minutes < 1.0 => "less than a minute".to_owned(),
        minutes if minutes < 90.0 => format!("up to {:.0} minutes", minutes.ceil()),
        minutes => format!("up to {:.1} hours", minutes / 60.0),
    }
}

fn describe(plan: &Plan, sandbox: &Sandbox, class: &Class, cost: &Cost) -> String {
    let different = class.different;
    let (tests, runs, jobs) = (plan.scoring.items.len(), plan.runs, plan.jobs.max(1));
    let what = match plan.clock {
        Clock::Sim => "seeds",
        Clock::Real => "runs on the clock",
    };
    let builds = different as f64 * cost.build;
    let all = builds + different as f64 * runs as f64 * cost.seed;
    // Without bubblewrap, only one submission is compiled at a time.
    let alone = if sandbox.isolation == Isolation::Bubblewrap { cost.build } else { builds };
    let time = show_minutes((all / jobs as f64).max(alone));
    let total = different as u64 * runs * tests as u64;
    let memory = (cost.memory * jobs as u64) as f64 / f64::from(1 << 30);
    let log = cost.log * runs * different as u64;
    let has_pictures = plan.scoring.items.iter().any(|item| pictures::may_have_one(plan, item));
    let room = if has_pictures { pictures::ROOM * different as u64 } else { 0 };
    format!(
        "{}\n\
         {tests} tests with {runs} {what} each: up to {total} runs\n\
         measured: {:.1} s of work to compile a submission, {:.1} s for one run of each test\n\
         expected: {time} with {jobs} at a time, if everything passes; tests that fail stop \
         early\n\
         needed:   {memory:.1} GiB of memory\n\
         on disk:  {} for the log of runs, {} at most for pictures of failed runs",
        class.describe(),
        cost.build,
        cost.seed,
        show_size(log),
        show_size(room)
    )
}

/// A number of bytes in words.
fn show_size(bytes: u64) -> String {
    let mebibytes = bytes.div_ceil(1 << 20);
    if mebibytes < 1_000 {
        format!("{mebibytes} MiB")
    } else {
        format!("{:.1} GiB", mebibytes as f64 / 1_024.0)
    }
}
