//! Runs several tests, some at once, each with one seed or with many.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{self, Scope};
use std::time::Duration;

use records::{Class, Clock, Seed};

use crate::case::Case;
use crate::exit::Exit;
use crate::explanations::Explanations;
use crate::json::Log;
use crate::plan::Plan;
use crate::programs::Programs;
use crate::queue::{Queue, Runs};
use crate::results::Results;
use crate::screen::Screen;
use crate::task::Task;
use crate::verdict::Ended;
use crate::workers::Workers;
use crate::{determinism, interrupt, process, processors, simulation};

/// How to run tests.
pub(crate) struct Options {
    pub(crate) clock: Clock,
    /// The first seed of every test; without one, each test draws its own.
    pub(crate) seed: Option<Seed>,
    /// Which choices are left to chance.
    pub(crate) plan: Plan,
    /// How many seeds each test runs with: the first and those that follow.
    pub(crate) seeds: u64,
    /// Whether to stop at the first failure.
    pub(crate) until_fail: bool,
    /// Whether each seed runs twice, to see whether it replays.
    pub(crate) check_determinism: bool,
    /// Where the one simulation writes all its events.
    pub(crate) trace: Option<PathBuf>,
    /// How many tests run at once.
    pub(crate) jobs: usize,
    /// Whether to show the output of the tests as it comes.
    pub(crate) show_output: bool,
    pub(crate) log: Option<Log>,
}

/// Runs the tests and reports each as it ends.
///
/// # Errors
///
/// If the options ask for what this system cannot do.
pub(crate) fn run(cases: &[Case], mut options: Options) -> Result<Exit, String> {
    interrupt::install();
    if options.clock == Clock::Sim {
        simulation::prepare()?;
    }
    let Options { clock, seed, seeds, .. } = options;
    let (plan, trace) = (std::mem::take(&mut options.plan), options.trace.take());
    let runs = Runs { clock, seed, plan, seeds, trace };
    let programs = Programs::own().map_err(|error| format!("cannot read this program: {error}"))?;
    let workers = Workers::new(Queue::new(cases, runs));
    let mut results = Results::new(cases, seeds);
    let screen = Screen::new();
    thread::scope(|scope| {
        let ends = start(scope, &workers, &programs, &options);
        loop {
            match ends.recv_timeout(Duration::from_millis(100)) {
                Ok((task, ended)) => {
                    log(options.log.as_mut(), &task, &ended);
                    if options.until_fail && ended.verdict.class != Class::Pass {
                        workers.stop();
                    }
                    results.add(&task, &ended, &screen);
                }
                Err(RecvTimeoutError::Timeout) => {
                    screen.show_running(&results.progress(&workers.running()), workers.left());
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    });
    screen.clear();
    results.show_end(&screen);
    Ok(results.exit())
}

/// Starts the workers. The receiver gets each run as it ends, and is closed after the last.
fn start<'scope>(
    scope: &'scope Scope<'scope, '_>,
    workers: &'scope Workers<'_>,
    programs: &'scope Programs,
    options: &Options,
) -> Receiver<(Task, Ended)> {
    let processors = processors::to_bind(options.clock);
    let run = if options.check_determinism { determinism::check } else { process::run };
    let shows_output = options.show_output;
    let explanations = Arc::new(Explanations::new(options.seeds));
    let (sender, ends) = channel();
    for worker in 0..options.jobs.max(1) {
        let processor = processors.get(worker % processors.len().max(1)).copied();
        let (sender, explanations) = (sender.clone(), explanations.clone());
        let run = move |task: &Task| {
            let mut ended = run(task, programs, shows_output);
            explanations.add(task, &mut ended, programs);
            ended
        };
        scope.spawn(move || workers.work(processor, run, &sender));
    }
    ends
}

fn log(log: Option<&mut Log>, task: &Task, ended: &Ended) {
    if let Some(Err(error)) = log.map(|log| log.add(task, ended)) {
        eprintln!("the result of {} is not in the JSON file: {error}", task.case.id());
    }
}
