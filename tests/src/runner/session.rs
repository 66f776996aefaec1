//! A run of several tests, some of them at once.

use std::collections::VecDeque;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::json::Log;
use super::plan::fresh_seed;
use super::process::{self, Ended};
use super::report::{Screen, show_totals};
use super::verdict::Class;
use super::{Exit, interrupt};
use crate::case::Case;

/// How to run tests.
pub(super) struct Options {
    /// The seed of every test; each draws its own without one.
    pub(super) seed: Option<u64>,
    /// How many tests run at once.
    pub(super) jobs: usize,
    /// Whether the output of the tests' processes is shown as it comes.
    pub(super) show_output: bool,
    pub(super) log: Option<Log>,
}

/// Runs the tests and reports each as it ends.
pub(super) fn run(cases: &[Case], mut options: Options) -> Exit {
    interrupt::install();
    let begun = Instant::now();
    let screen = Screen::new();
    let waiting: Mutex<VecDeque<Case>> = Mutex::new(cases.iter().copied().collect());
    let running: Mutex<Vec<(String, Instant)>> = Mutex::default();
    let mut results: Vec<(Case, Class)> = Vec::new();
    thread::scope(|scope| {
        let (sender, ends) = channel();
        for _ in 0..options.jobs.max(1) {
            let (sender, waiting, running) = (sender.clone(), &waiting, &running);
            let (seed, show_output) = (options.seed, options.show_output);
            scope.spawn(move || {
                while let Some(case) = next(waiting) {
                    running.lock().push((case.id(), Instant::now()));
                    let seed = seed.unwrap_or_else(fresh_seed);
                    let ended = process::run(&case, seed, show_output);
                    running.lock().retain(|(name, _)| *name != case.id());
                    // The receiver outlives this scope's threads.
                    let _ = sender.send((case, seed, ended));
                }
            });
        }
        drop(sender);
        loop {
            match ends.recv_timeout(Duration::from_millis(100)) {
                Ok((case, seed, ended)) => {
                    screen.show_end(&case, seed, &ended);
                    note(options.log.as_mut(), &case, seed, &ended);
                    results.push((case, ended.verdict.class));
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
    exit_of(&results)
}

fn next(waiting: &Mutex<VecDeque<Case>>) -> Option<Case> {
    if interrupt::requested() { None } else { waiting.lock().pop_front() }
}

fn note(log: Option<&mut Log>, case: &Case, seed: u64, ended: &Ended) {
    if let Some(Err(error)) = log.map(|log| log.add(case, seed, ended)) {
        eprintln!("the result of {} is not in the JSON file: {error}", case.id());
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
