//! A run of several tests, some of them at once, each with one seed or with many.

use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use records::{Class, Clock, Seed, Series, conclusion};

use crate::case::Case;
use crate::json::Log;
use crate::plan::{Task, fresh_seed};
use crate::process::{self, Ended};
use crate::report::{Screen, seconds_of, show_totals};
use crate::{Exit, determinism, interrupt};

/// How to run tests.
pub(crate) struct Options {
    pub(crate) clock: Clock,
    /// The first seed of every test; each draws its own without one.
    pub(crate) seed: Option<Seed>,
    /// How many seeds each test runs with: the first and those that follow.
    pub(crate) seeds: u64,
    /// Whether the first failure ends it all.
    pub(crate) until_fail: bool,
    /// Whether each seed runs twice, to see whether it replays.
    pub(crate) check_determinism: bool,
    /// Where the one simulation that is run writes all its events.
    pub(crate) trace: Option<PathBuf>,
    /// How many tests run at once.
    pub(crate) jobs: usize,
    /// Whether the output of the tests' processes is shown as it comes.
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
        prepare_simulations()?;
    }
    let begun = Instant::now();
    let screen = Screen::new();
    let floor = Floor { tasks: Mutex::new(Tasks::new(cases, &options)), running: Mutex::default() };
    let mut results: Vec<(Case, Class)> = Vec::new();
    let mut series: Vec<(Case, Series)> =
        cases.iter().map(|case| (*case, Series::default())).collect();
    let processors = processors(options.clock);
    thread::scope(|scope| {
        let (sender, ends) = channel();
        for worker in 0..options.jobs.max(1) {
            let processor = processors.get(worker % processors.len().max(1)).copied();
            let (sender, floor) = (sender.clone(), &floor);
            let (check, show_output) = (options.check_determinism, options.show_output);
            let run = if check { determinism::check } else { process::run };
            scope.spawn(move || floor.work(processor, |task| run(task, show_output), &sender));
        }
        drop(sender);
        loop {
            match ends.recv_timeout(Duration::from_millis(100)) {
                Ok((task, ended)) => {
                    let class = ended.verdict.class;
                    if options.seeds == 1 {
                        screen.show_end(&task, &ended);
                    } else {
                        add_to_series(&screen, &mut series, &task, &ended, options.seeds);
                    }
                    note(options.log.as_mut(), &task, &ended);
                    results.push((task.case, class));
                    if options.until_fail && class != Class::Pass {
                        floor.close();
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    screen.show_running(&floor.progress(&series), floor.tasks.lock().left());
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    });
    screen.clear();
    if options.seeds > 1 {
        series.retain(|(_, series)| series.runs > 0);
        for (case, series) in series.iter().filter(|(_, series)| series.runs < options.seeds) {
            screen.show_series(case, series);
        }
        let named: Vec<(String, Series)> =
            series.into_iter().map(|(case, series)| (case.id(), series)).collect();
        screen.print(&format!("\n{}", conclusion(&named).trim_end()));
    }
    screen.print(&show_totals(&results, begun.elapsed()));
    Ok(exit_of(&results))
}

fn add_to_series(
    screen: &Screen,
    all: &mut [(Case, Series)],
    task: &Task,
    ended: &Ended,
    seeds: u64,
) {
    let own = all.iter_mut().find(|(case, _)| case.id() == task.case.id());
    let (_, series) = own.expect("there is a series for each test");
    series.add(ended.verdict.class, seconds_of(ended));
    if ended.verdict.class != Class::Pass {
        screen.show_failure_in_series(task, ended, series.failures());
    }
    if series.runs == seeds {
        screen.show_series(&task.case, series);
    }
}

/// Where the workers work.
struct Floor<'a> {
    tasks: Mutex<Tasks<'a>>,
    /// What runs now, and since when.
    running: Mutex<Vec<(String, Instant)>>,
}

impl Floor<'_> {
    /// Runs one task after the other until there is none left.
    fn work(
        &self,
        processor: Option<usize>,
        run: impl Fn(&Task) -> Ended,
        ends: &Sender<(Task, Ended)>,
    ) {
        while let Some(task) = self.next() {
            let task = Task { processor, ..task };
            self.running.lock().push((task.case.id(), Instant::now()));
            let ended = run(&task);
            let mut running = self.running.lock();
            if let Some(own) = running.iter().position(|(name, _)| *name == task.case.id()) {
                running.remove(own);
            }
            drop(running);
            // The receiver outlives the workers.
            let _ = ends.send((task, ended));
        }
    }

    fn next(&self) -> Option<Task> {
        if interrupt::requested() { None } else { self.tasks.lock().next() }
    }

    /// Starts no more tasks.
    fn close(&self) {
        self.tasks.lock().cases = &[];
        self.tasks.lock().left = 0;
    }

    /// What runs now, with its time, or with how many runs of it have been made.
    fn progress(&self, all: &[(Case, Series)]) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for (name, since) in self.running.lock().iter() {
            let own = all.iter().find(|(case, _)| case.id() == *name);
            let line = match own.map(|(_, series)| (series.runs, series.failures())) {
                None | Some((0, _)) => format!("{name} {} s", since.elapsed().as_secs()),
                Some((runs, 0)) => format!("{name} {runs} runs"),
                Some((runs, failures)) => format!("{name} {runs} runs, {failures} failed"),
            };
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines
    }
}

/// All runs that are to be made, test by test.
struct Tasks<'a> {
    cases: &'a [Case],
    clock: Clock,
    trace: Option<PathBuf>,
    /// The first seed of every test, if it is given.
    seed: Option<Seed>,
    /// How many seeds each test runs with, and how many of these are left for the first of `cases`.
    seeds: u64,
    left: u64,
    next_seed: Seed,
}

impl<'a> Tasks<'a> {
    fn new(cases: &'a [Case], options: &Options) -> Self {
        Tasks {
            cases,
            clock: options.clock,
            trace: options.trace.clone(),
            seed: options.seed,
            seeds: options.seeds,
            left: options.seeds,
            next_seed: options.seed.unwrap_or_else(fresh_seed),
        }
    }

    fn next(&mut self) -> Option<Task> {
        if self.left == 0 {
            self.cases = self.cases.get(1..)?;
            self.left = self.seeds;
            self.next_seed = self.seed.unwrap_or_else(fresh_seed);
        }
        let case = *self.cases.first()?;
        let seed = self.next_seed;
        self.left -= 1;
        self.next_seed = Seed(seed.0.wrapping_add(1));
        Some(Task {
            case,
            seed,
            clock: self.clock,
            trace: self.trace.clone(),
            confined: false,
            processor: None,
        })
    }

    fn left(&self) -> u64 {
        let later = self.cases.len().saturating_sub(1) as u64;
        later.saturating_mul(self.seeds).saturating_add(self.left)
    }
}

pub(crate) fn prepare_simulations() -> Result<(), String> {
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

/// The processors to bind simulations to, in turn; none if they are to run anywhere. A simulation runs
/// one thread at a time: on one processor they wake each other without asking another. Where the turns
/// begin is drawn, so that several programs do not all choose the same.
pub(crate) fn processors(clock: Clock) -> Vec<usize> {
    #[cfg(target_os = "linux")]
    if clock == Clock::Sim
        && let Ok(allowed) = rustix::thread::sched_getaffinity(None)
    {
        let mut processors: Vec<usize> = (0..rustix::thread::CpuSet::MAX_CPU)
            .filter(|processor| allowed.is_set(*processor))
            .collect();
        let first = fresh_seed().0 as usize % processors.len().max(1);
        processors.rotate_left(first);
        return processors;
    }
    Vec::new()
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
