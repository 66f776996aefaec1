//! Compiling the bugs, and running the tests of their stages.

use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use parking_lot::Mutex;
use records::{Clock, Order, Seed, TestInfo};

use super::bug::Bug;
use super::corpus::Chosen;
use super::queue::{Program, Queue, Task};
use super::tally::{Run, SeedRuns, Tally, is_enough};
use super::{mark, patch};
use crate::build::{BuildError, BuildOptions, Builder, Workspace};
use crate::interrupt;
use crate::sandbox::{Isolation, Sandbox, User};
use crate::sandboxed_runner::{Programs, RunnerError, SandboxedRunner};
use crate::scratch;
use crate::stages;
use crate::submission::StudentFiles;
use crate::tree;

/// What to measure, and how.
#[derive(Debug)]
pub(crate) struct Measurement {
    pub(crate) chosen: Chosen,
    /// How many seeds to run each stage with.
    pub(crate) seeds: u64,
    /// The other seeds follow this one.
    pub(crate) first_seed: Seed,
    pub(crate) jobs: usize,
    /// Whether to end a seed with the first failure, and a bug when it is clear whether it counts as noticed.
    pub(crate) is_quick: bool,
    /// The isolation to use; the strongest available if `None`.
    pub(crate) sandbox: Option<Isolation>,
}

/// Measures the bugs. `note` gets each one when it is done, in any order. Returns those that have runs or
/// cannot have any, by stage and name; not all of them if the user asks to stop.
///
/// # Errors
///
/// If the arguments name no bugs, a patch does not apply, or nothing can run here.
pub(crate) fn measure(
    measurement: &Measurement,
    note: impl Fn(&Tally) + Sync,
) -> Result<Vec<Tally>, String> {
    interrupt::install();
    let bugs = measurement.chosen.read(&tree::root().join("grading/bugs"))?;
    let solution = StudentFiles::new(tree::solution(&tree::root())?);
    // All of them, before the first one is compiled.
    let files: Result<_, String> = bugs.iter().map(|bug| patch::apply(bug, &solution)).collect();
    let files: Vec<StudentFiles> = files?;
    let sandbox = Sandbox::find(measurement.sandbox)?;
    let builder = Builder::open(&Workspace::read()?, sandbox.clone(), BuildOptions::default())?;
    let session = Session {
        measurement,
        tests: stages::tests(),
        files,
        sandbox,
        user: User::take()?,
        builder,
        queue: Queue::new(bugs.len(), measurement.seeds),
        bar: progress_bar(bugs.len() as u64 * measurement.seeds),
        tallies: Mutex::new(bugs.into_iter().map(Tally::new).collect()),
        broken: Mutex::new(None),
        note: &note,
    };
    session.run()
}

/// What the workers share.
struct Session<'a> {
    measurement: &'a Measurement,
    builder: Builder,
    sandbox: Sandbox,
    /// The user that the bugs run as, if the grader is root.
    user: User,
    /// All tests that exist.
    tests: Vec<TestInfo>,
    /// The solution with each bug.
    files: Vec<StudentFiles>,
    queue: Queue,
    bar: ProgressBar,
    tallies: Mutex<Vec<Tally>>,
    /// What stops the whole measurement.
    broken: Mutex<Option<String>>,
    note: &'a (dyn Fn(&Tally) + Sync),
}

/// A runner, and the program that it runs.
struct Running {
    bug: usize,
    runner: SandboxedRunner,
    _program: Arc<Program>,
}

impl Session<'_> {
    fn run(self) -> Result<Vec<Tally>, String> {
        std::thread::scope(|scope| {
            for _ in 0..self.measurement.jobs {
                scope.spawn(|| self.work());
            }
        });
        self.bar.finish_and_clear();
        if let Some(problem) = self.broken.into_inner() {
            return Err(problem);
        }
        let mut tallies = self.tallies.into_inner();
        tallies.retain(|tally| tally.problem.is_some() || !tally.seeds.is_empty());
        Ok(tallies)
    }

    /// Does tasks until there are no more.
    fn work(&self) {
        let mut running: Option<Running> = None;
        while let Some(task) = self.queue.next(running.as_ref().map(|running| running.bug)) {
            let done = match task {
                Task::Build { bug } => self.build(bug),
                Task::Run { bug, program, seed } => {
                    self.run_seed(&mut running, bug, &program, seed)
                }
            };
            if let Err(problem) = done {
                self.broken.lock().get_or_insert(problem);
                self.queue.stop();
            }
            if interrupt::requested() {
                self.queue.stop();
            }
        }
    }

    fn build(&self, bug: usize) -> Result<(), String> {
        let folder = scratch::folder()?;
        let path = match self.builder.build(&self.files[bug], folder.path()) {
            Ok(path) => path,
            Err(_) if interrupt::requested() => return Ok(()),
            Err(BuildError::Fault(problem)) => return Err(problem),
            Err(BuildError::Compiler(message)) => {
                self.give_up(bug, &message);
                return Ok(());
            }
        };
        self.user.give(&[folder.path(), &path])?;
        self.queue.built(bug, Program::new(path, folder));
        Ok(())
    }

    /// Notes that a bug does not compile.
    fn give_up(&self, bug: usize, message: &str) {
        let tally = &mut self.tallies.lock()[bug];
        tally.problem = Some(format!("it does not compile: {message}"));
        self.bar.inc(self.measurement.seeds);
        self.queue.done(bug);
        self.bar.suspend(|| (self.note)(tally));
    }

    /// Runs the tests of a bug's stage with one seed.
    fn run_seed(
        &self,
        running: &mut Option<Running>,
        bug: usize,
        program: &Arc<Program>,
        index: u64,
    ) -> Result<(), String> {
        match self.runs(running, bug, program, index) {
            Ok(runs) => self.add(bug, SeedRuns { index, runs }),
            // No run has a budget of its own.
            Err(RunnerError::Interrupted | RunnerError::UsedUp) => {}
            Err(RunnerError::Broken(problem)) => {
                let Bug { name, .. } = &self.tallies.lock()[bug].bug;
                return Err(format!("the bug {name} cannot run: {problem}"));
            }
        }
        Ok(())
    }

    fn runs(
        &self,
        running: &mut Option<Running>,
        bug: usize,
        program: &Arc<Program>,
        index: u64,
    ) -> Result<Vec<Run>, RunnerError> {
        let runner = self.runner(running, bug, program)?;
        let stage = self.tallies.lock()[bug].bug.stage.clone();
        let seed = Seed(self.measurement.first_seed.0.wrapping_add(u128::from(index)));
        let mut runs = Vec::new();
        for test in self.tests.iter().filter(|test| test.stage == stage) {
            let order =
                Order { test: test.test.clone(), seed, clock: Clock::Sim, recording: false };
            let run = Run::of(runner.run(&order, Duration::MAX)?);
            let has_failed = run.has_failed();
            runs.push(run);
            if has_failed && self.measurement.is_quick {
                break;
            }
        }
        Ok(runs)
    }

    /// The worker's runner; a new one if it runs another bug.
    fn runner<'r>(
        &self,
        running: &'r mut Option<Running>,
        bug: usize,
        program: &Arc<Program>,
    ) -> Result<&'r mut SandboxedRunner, RunnerError> {
        let found = running.take().filter(|running| running.bug == bug);
        let found = match found {
            Some(found) => found,
            None => {
                let programs = Programs { judge: &self.builder.judge(), node: program.path() };
                let user = self.user.id();
                let runner =
                    SandboxedRunner::start_logging(&self.sandbox, programs, user, mark::LOG)?;
                Running { bug, runner, _program: program.clone() }
            }
        };
        Ok(&mut running.insert(found).runner)
    }

    fn add(&self, bug: usize, seed: SeedRuns) {
        let mut tallies = self.tallies.lock();
        let tally = &mut tallies[bug];
        if self.is_done(tally) {
            // Another worker was still running this seed when the others had decided.
            return;
        }
        tally.add(seed);
        self.bar.inc(1);
        if self.is_done(tally) {
            self.bar.inc(self.measurement.seeds - tally.seeds.len() as u64);
            self.queue.done(bug);
            self.bar.suspend(|| (self.note)(tally));
        }
    }

    /// Whether no more seeds are needed.
    fn is_done(&self, tally: &Tally) -> bool {
        let planned = self.measurement.seeds as usize;
        let (seeds, noticed) = (tally.seeds.len(), tally.noticed());
        let left = planned.saturating_sub(seeds);
        let is_clear = is_enough(noticed, planned) || !is_enough(noticed + left, planned);
        left == 0 || self.measurement.is_quick && is_clear
    }
}

/// A progress bar for this many seeds.
fn progress_bar(seeds: u64) -> ProgressBar {
    let style = "{wide_bar} {pos}/{len} seeds  {elapsed_precise}, {eta_precise} left";
    let style =
        ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(seeds).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}
