//! A run of several tests, some of them at once, each with one seed or with many.

use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::json::Log;
use super::plan::{Clock, Task, fresh_seed};
use super::process::{self, Ended};
use super::report::{Screen, Series, show_totals};
use super::verdict::Class;
use super::{Exit, determinism, interrupt};
use crate::case::Case;

/// How to run tests.
pub(super) struct Options {
    pub(super) clock: Clock,
    /// The first seed of every test; each draws its own without one.
    pub(super) seed: Option<u64>,
    /// How many seeds each test runs with: the first and those that follow.
    pub(super) seeds: u64,
    /// Whether each seed runs twice, to see whether it replays.
    pub(super) check_determinism: bool,
    /// Where the one simulation that is run writes all its events.
    pub(super) trace: Option<std::path::PathBuf>,
    /// How many tests run at once.
    pub(super) jobs: usize,
    /// Whether the output of the tests' processes is shown as it comes.
    pub(super) show_output: bool,
    pub(super) log: Option<Log>,
}

/// Runs the tests and reports each as it ends.
///
/// # Errors
///
/// If the options ask for what this system cannot do.
pub(super) fn run(cases: &[Case], mut options: Options) -> Result<Exit, String> {
    interrupt::install();
    if options.clock == Clock::Sim {
        prepare_simulations()?;
    }
    let begun = Instant::now();
    let screen = Screen::new();
    let waiting = Mutex::new(tasks(cases, &options));
    let running: Mutex<Vec<(String, Instant)>> = Mutex::default();
    let mut results: Vec<(Case, Class)> = Vec::new();
    let mut series: BTreeMap<String, Series> = BTreeMap::new();
    thread::scope(|scope| {
        let (sender, ends) = channel();
        let processors = processors(&options);
        for worker in 0..options.jobs.max(1) {
            let processor = processors.get(worker % processors.len().max(1)).copied();
            let (sender, waiting, running) = (sender.clone(), &waiting, &running);
            let (check, show_output) = (options.check_determinism, options.show_output);
            scope.spawn(move || {
                while let Some(mut task) = next(waiting) {
                    task.processor = processor;
                    running.lock().push((task.case.id(), Instant::now()));
                    let ended = if check {
                        determinism::check(&task, show_output)
                    } else {
                        process::run(&task, show_output)
                    };
                    let mut running = running.lock();
                    let own = running.iter().position(|(name, _)| *name == task.case.id());
                    own.map(|own| running.remove(own));
                    drop(running);
                    // The receiver outlives this scope's threads.
                    let _ = sender.send((task, ended));
                }
            });
        }
        drop(sender);
        loop {
            match ends.recv_timeout(Duration::from_millis(100)) {
                Ok((task, ended)) => {
                    if options.seeds == 1 {
                        screen.show_end(&task, &ended);
                    } else {
                        let series = series.entry(task.case.id()).or_default();
                        screen.show_in_series(&task, &ended, series, options.seeds);
                    }
                    note(options.log.as_mut(), &task, &ended);
                    results.push((task.case, ended.verdict.class));
                }
                Err(RecvTimeoutError::Timeout) => {
                    let times = running
                        .lock()
                        .iter()
                        .map(|(name, at)| (name.clone(), at.elapsed()))
                        .collect::<Vec<_>>();
                    screen.show_running(&times, waiting.lock().len());
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    });
    screen.clear();
    screen.print(&show_totals(&results, begun.elapsed()));
    Ok(exit_of(&results))
}

fn prepare_simulations() -> Result<(), String> {
    sim::available().map_err(|error| {
        format!("this system cannot run simulations: {error}; without --sim the tests do run")
    })?;
    if let Err(error) = sim::steady_addresses() {
        eprintln!(
            "note: the system does not let programs start at fixed addresses ({error}); a run of code \
             that depends on where its statics lie may not replay"
        );
    }
    Ok(())
}

fn tasks(cases: &[Case], options: &Options) -> VecDeque<Task> {
    let mut tasks = VecDeque::new();
    for case in cases {
        let first = options.seed.unwrap_or_else(fresh_seed);
        for number in 0..options.seeds {
            tasks.push_back(Task {
                case: *case,
                seed: first.wrapping_add(number),
                clock: options.clock,
                trace: options.trace.clone(),
                processor: None,
            });
        }
    }
    tasks
}

/// The processors to bind simulations to, in turn; none if they are to run anywhere. A simulation runs
/// one thread at a time: on one processor they wake each other without asking another. Where the turns
/// begin is drawn, so that several programs do not all choose the same.
fn processors(options: &Options) -> Vec<usize> {
    #[cfg(target_os = "linux")]
    if options.clock == Clock::Sim
        && let Ok(allowed) = rustix::thread::sched_getaffinity(None)
    {
        let mut processors: Vec<usize> = (0..rustix::thread::CpuSet::MAX_CPU)
            .filter(|processor| allowed.is_set(*processor))
            .collect();
        let first = fresh_seed() as usize % processors.len().max(1);
        processors.rotate_left(first);
        return processors;
    }
    Vec::new()
}

fn next(waiting: &Mutex<VecDeque<Task>>) -> Option<Task> {
    if interrupt::requested() { None } else { waiting.lock().pop_front() }
}

fn note(log: Option<&mut Log>, task: &Task, ended: &Ended) {
    if let Some(Err(error)) = log.map(|log| log.add(task, ended)) {
        eprintln!("the result of {} is not in the JSON file: {error}", task.case.id());
    }
}

fn exit_of(results: &[(Case, Class)]) -> Exit {
    if interrupt::requested() {
        Exit::Interrupted
    } else if results.iter().any(|(_, class)| *class == Class::Fault) {
        Exit::Fault
    } else if results.iter().any(|(_, class)| *class != Class::Pass) {
        Exit::Failed
    } else {
        Exit::Passed
    }
}
