//! Grading a class.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use parking_lot::Mutex;
use records::{Class, Clock, Order, Record};

use crate::interrupt;
use crate::policy::{check_source, check_symbols};
use crate::report::write_results;
use crate::rubric::{Item, Rubric};
use crate::runlog::{Build, Entry, Grading, Outcome, Run, RunLog};
use crate::sandbox::{Sandbox, Wall, is_root};
use crate::seeds::Secret;
use crate::standing::BROKEN_AFTER;
use crate::submission::{Submission, Taken};
use crate::warden::{Lost, Warden};
use crate::workshop::{Refusal, Workshop};

/// How often a run is made again that the grader itself has spoilt.
const ATTEMPTS: u32 = 3;

/// The users that submissions run as if this is root: one for each worker, with nothing of its own.
const FIRST_USER: u32 = 64_000;

/// What to grade, and how.
pub(crate) struct Plan {
    pub(crate) submissions: Vec<Submission>,
    pub(crate) results: PathBuf,
    pub(crate) stages: Vec<String>,
    pub(crate) rubric: PathBuf,
    pub(crate) clock: Clock,
    pub(crate) runs: u64,
    pub(crate) jobs: usize,
    pub(crate) wall: Option<Wall>,
    pub(crate) secret: Option<PathBuf>,
    pub(crate) gates: Gates,
    /// Where Gradescope looks for the results of the only submission, written anew after each test.
    pub(crate) live: Option<PathBuf>,
}

/// Whether policy is enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gates {
    Shut,
    /// To try the walls behind the gates.
    Open,
}

/// Everything that the workers share.
struct Grader<'a> {
    workshop: &'a Workshop,
    sandbox: &'a Sandbox,
    items: &'a [Item],
    clock: Clock,
    runs: u64,
    secret: &'a Secret,
    results: &'a Path,
    gates: Gates,
    live: Option<&'a Path>,
    log: Mutex<RunLog>,
    done: Done,
    bar: ProgressBar,
    /// The first thing that stops all, such as a full disk.
    problem: Mutex<Option<String>>,
}

/// What an earlier part of the same grading has found out.
#[derive(Default)]
struct Done {
    builds: BTreeMap<String, Build>,
    /// Student, submission, test, and index, with whether the run passed.
    runs: BTreeMap<(String, String, String), BTreeMap<u64, bool>>,
}

/// What is left when grading ends or is interrupted.
pub(crate) struct Ended {
    /// Whether it came to the end.
    pub(crate) complete: bool,
    /// The tests and what they are worth.
    pub(crate) items: Vec<Item>,
}

/// Grades, going on where an earlier attempt stopped.
///
/// # Errors
///
/// If something stands in the way of all of it; what has been found out by then is kept.
pub(crate) fn grade(plan: &Plan) -> Result<Ended, String> {
    interrupt::install();
    let show = plan.results.display();
    std::fs::create_dir_all(&plan.results)
        .map_err(|error| format!("cannot make {show}: {error}"))?;
    let sandbox = Sandbox::find(plan.wall)?;
    if let Some(note) = &sandbox.note {
        let wall = sandbox.wall.name().unwrap_or("nothing but limits");
        eprintln!("note: {note}; submissions are kept in by {wall}, and a filter of system calls");
    }
    let workshop = Workshop::open(sandbox.clone())?;
    let tests = workshop.tests()?;
    let rubric = Rubric::load(&plan.rubric, &tests)?;
    let items = rubric.items(&plan.stages, &tests)?;
    let secret_path = plan.secret.clone().unwrap_or_else(|| plan.results.join("secret"));
    let secret = Secret::open(&secret_path)?;
    let mut stages: Vec<String> = items.iter().map(|item| item.stage.clone()).collect();
    stages.dedup();
    let grading = Grading {
        version: 1,
        stages,
        tests,
        clock: plan.clock,
        runs: plan.runs,
        seeds: secret.fingerprint(),
        harness: workshop.harness.clone(),
        rubric: rubric.hash.clone(),
    };
    let (mut log, entries) = RunLog::open(&plan.results)?;
    match entries.first() {
        None => log.append(&Entry::Grading(grading))?,
        Some(Entry::Grading(before)) => check_same(before, &grading, &plan.results)?,
        Some(_) => return Err(format!("{show}/runs.jsonl does not begin as a log of runs does")),
    }
    let bar = progress_bar((plan.submissions.len() * items.len()) as u64 * plan.runs);
    let grader = Grader {
        workshop: &workshop,
        sandbox: &sandbox,
        items: &items,
        clock: plan.clock,
        runs: plan.runs,
        secret: &secret,
        results: &plan.results,
        gates: plan.gates,
        live: plan.live.as_deref(),
        log: Mutex::new(log),
        done: Done::of(&entries),
        bar,
        problem: Mutex::new(None),
    };
    let queue = Mutex::new(plan.submissions.iter());
    std::thread::scope(|scope| {
        for worker in 0..plan.jobs.max(1) {
            let (grader, queue) = (&grader, &queue);
            scope.spawn(move || {
                while let Some(submission) = grader.next(queue) {
                    if let Err(problem) = grader.grade(submission, FIRST_USER + worker as u32) {
                        grader.problem.lock().get_or_insert(problem);
                    }
                }
            });
        }
    });
    grader.bar.finish_and_clear();
    let problem = grader.problem.into_inner();
    match problem {
        Some(problem) => Err(problem),
        None => Ok(Ended { complete: !interrupt::requested(), items }),
    }
}

/// Only the rubric may change between two parts of a grading: it weighs runs, and does not make them.
fn check_same(before: &Grading, now: &Grading, results: &Path) -> Result<(), String> {
    let other = |what: &str| {
        let show = results.display();
        Err(format!(
            "{show} has been begun with other {what}: take another folder for this grading"
        ))
    };
    match () {
        () if before.version != now.version => other("records"),
        () if before.stages != now.stages => other("stages"),
        () if before.clock != now.clock || before.runs != now.runs => other("numbers of runs"),
        () if before.seeds != now.seeds => other("seeds"),
        () if before.harness != now.harness => other("tests, or another version of them"),
        () => Ok(()),
    }
}

fn progress_bar(runs: u64) -> ProgressBar {
    let style = "{wide_bar} {pos}/{len} runs  {elapsed_precise}, {eta_precise} left";
    let style =
        ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(runs).with_style(style)
}

impl Done {
    fn of(entries: &[Entry]) -> Self {
        let mut done = Done::default();
        for entry in entries {
            match entry {
                Entry::Build(build) if build.outcome != Outcome::Fault => {
                    done.builds.insert(build.student.clone(), build.clone());
                }
                Entry::Run(run) if run.counts() => {
                    let key =
                        (run.student.clone(), run.submission.clone(), run.record.test.clone());
                    let passed = run.record.class == Class::Pass;
                    done.runs.entry(key).or_default().insert(run.index, passed);
                }
                _ => {}
            }
        }
        done
    }
}

impl Grader<'_> {
    fn next<'q>(
        &self,
        queue: &Mutex<impl Iterator<Item = &'q Submission>>,
    ) -> Option<&'q Submission> {
        let stop = interrupt::requested() || self.problem.lock().is_some();
        if stop { None } else { queue.lock().next() }
    }

    fn append(&self, entry: Entry) -> Result<(), String> {
        self.log.lock().append(&entry)
    }

    /// Grades one submission. Whatever it does, it ends as a line of the log.
    fn grade(&self, submission: &Submission, user: u32) -> Result<(), String> {
        let begun = Instant::now();
        let student = &submission.student;
        let note = |hash: String, outcome, message| Build {
            student: student.clone(),
            submission: hash,
            outcome,
            message,
            wall_seconds: begun.elapsed().as_secs_f64(),
        };
        let all = self.items.len() as u64 * self.runs;
        let taken = match submission.take(self.sandbox) {
            Ok(taken) => taken,
            Err(problem) => {
                self.bar.inc(all);
                return self.note_build(note(String::new(), Outcome::Unreadable, problem));
            }
        };
        self.keep(student, &taken)?;
        let hash = taken.hash();
        let known = self.done.builds.get(student).filter(|build| build.submission == hash);
        if known.is_some_and(|build| build.outcome != Outcome::Built)
            || self.is_complete(student, &hash)
        {
            self.bar.inc(all);
            return Ok(());
        }
        let scratch =
            tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
        match self.build(&taken, scratch.path(), user) {
            Ok(program) => {
                if known.is_none() {
                    self.note_build(note(hash.clone(), Outcome::Built, String::new()))?;
                }
                self.run(student, &hash, &program, user)
            }
            Err(_) if interrupt::requested() => Ok(()),
            Err(refusal) => {
                self.bar.inc(all);
                let (outcome, message) = match refusal {
                    Refusal::Policy(message) => (Outcome::Policy, message),
                    Refusal::Build(message) => (Outcome::BuildError, message),
                    Refusal::Fault(message) => (Outcome::Fault, message),
                };
                self.note_build(note(hash, outcome, message))
            }
        }
    }

    fn note_build(&self, build: Build) -> Result<(), String> {
        let known = self.done.builds.get(&build.student);
        let same = known.is_some_and(|known| {
            (&known.submission, known.outcome, &known.message)
                == (&build.submission, build.outcome, &build.message)
        });
        if same { Ok(()) } else { self.append(Entry::Build(build)) }
    }

    /// Keeps a copy of what was graded beside the results.
    fn keep(&self, student: &str, taken: &Taken) -> Result<(), String> {
        let folder = self.results.join("submissions").join(student);
        for (path, content) in &taken.files {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap_or(&folder))
                .and_then(|()| std::fs::write(&path, content))
                .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        }
        Ok(())
    }

    /// Passes the gates, and compiles. Returns where the program is, readable by `user`.
    fn build(&self, taken: &Taken, scratch: &Path, user: u32) -> Result<PathBuf, Refusal> {
        let shut = self.gates == Gates::Shut;
        for (path, text) in taken.texts().filter(|_| shut) {
            check_source(path, text).map_err(Refusal::Policy)?;
        }
        let out = scratch.join("out");
        let fault = |error: std::io::Error| Refusal::Fault(format!("no room to build in: {error}"));
        std::fs::create_dir(&out).map_err(fault)?;
        let program = self.workshop.build(taken, &out, self.gates)?;
        if shut {
            check_symbols(&program.libraries).map_err(Refusal::Policy)?;
        }
        give(&[scratch, &out, &program.path], user).map_err(fault)?;
        Ok(program.path)
    }

    fn runs_of(&self, student: &str, hash: &str, test: &str) -> BTreeMap<u64, bool> {
        let key = (student.to_owned(), hash.to_owned(), test.to_owned());
        self.done.runs.get(&key).cloned().unwrap_or_default()
    }

    /// Whether nothing is left to run.
    fn is_complete(&self, student: &str, hash: &str) -> bool {
        let mut broken = HashSet::new();
        self.items.iter().all(|item| {
            let runs = self.runs_of(student, hash, &item.test);
            let blocked = item.needs.iter().any(|need| broken.contains(need));
            let never_passes = blocked || is_broken(&runs) || never_passes(&runs, self.runs);
            if never_passes {
                broken.insert(item.test.clone());
            }
            blocked || is_broken(&runs) || runs.len() as u64 >= self.runs
        })
    }

    /// Makes all runs of a submission that are not in the log yet, in a fixed order.
    fn run(&self, student: &str, hash: &str, program: &Path, user: u32) -> Result<(), String> {
        let mut warden = None;
        let mut broken = HashSet::new();
        for item in self.items {
            let mut runs = self.runs_of(student, hash, &item.test);
            let blocked = item.needs.iter().any(|need| broken.contains(need));
            for index in 0..self.runs {
                self.bar.inc(1);
                if blocked || is_broken(&runs) || runs.contains_key(&index) {
                    continue;
                }
                if interrupt::requested() || self.problem.lock().is_some() {
                    return Ok(());
                }
                let seed = self.secret.seed(&item.test, index);
                let order = Order { test: item.test.clone(), seed, clock: self.clock };
                let Some(run) = self.attempt(&mut warden, program, user, &order)? else {
                    return Ok(());
                };
                let run =
                    Run { student: student.to_owned(), submission: hash.to_owned(), index, ..run };
                if run.counts() {
                    runs.insert(index, run.record.class == Class::Pass);
                }
                self.append(Entry::Run(Box::new(run)))?;
                if warden.is_none() {
                    // The next would fare no better. What is missing is made up when grading goes on.
                    return Ok(());
                }
            }
            if blocked || is_broken(&runs) || never_passes(&runs, self.runs) {
                broken.insert(item.test.clone());
            }
            if let Some(path) = self.live {
                write_results(path, &RunLog::read(self.results)?, self.items)?;
            }
        }
        Ok(())
    }

    /// Makes one run, again if the grader itself spoils it. `None` if interrupted.
    fn attempt(
        &self,
        warden: &mut Option<Warden>,
        program: &Path,
        user: u32,
        order: &Order,
    ) -> Result<Option<Run>, String> {
        let mut problem = String::new();
        let mut spoilt = None;
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                std::thread::sleep(Duration::from_millis(200));
            }
            let result = match warden {
                Some(warden) => warden.run(order).map(|record| (record, warden.isolation.clone())),
                None => Warden::start(self.sandbox, program, user).and_then(|started| {
                    let warden = warden.insert(started);
                    warden.run(order).map(|record| (record, warden.isolation.clone()))
                }),
            };
            match result {
                Ok((record, isolation)) => {
                    let run = Run {
                        student: String::new(),
                        submission: String::new(),
                        index: 0,
                        isolation,
                        record,
                    };
                    if run.record.class == Class::Interrupted && interrupt::requested() {
                        return Ok(None);
                    }
                    if run.counts() {
                        return Ok(Some(run));
                    }
                    spoilt = Some(run);
                }
                Err(Lost::Interrupted) => return Ok(None),
                Err(Lost::Broken(reason)) => {
                    *warden = None;
                    problem = reason;
                }
            }
        }
        let problem = format!("the runner in the sandbox failed {ATTEMPTS} times: {problem}");
        Ok(Some(spoilt.unwrap_or_else(|| spoilt_run(order, problem))))
    }
}

/// A run that could not be made.
fn spoilt_run(order: &Order, problem: String) -> Run {
    let stage = order.test.split("::").next().unwrap_or_default().to_owned();
    let record = Record {
        test: order.test.clone(),
        stage,
        seed: order.seed,
        clock: order.clock,
        class: Class::Fault,
        wall_seconds: 0.0,
        cpu_seconds: None,
        peak_memory: None,
        summary: None,
        simulated: None,
        expected: "the run is made".to_owned(),
        seen: problem,
        details: String::new(),
        printed: String::new(),
    };
    let none = String::new;
    Run { student: none(), submission: none(), index: 0, isolation: "none".to_owned(), record }
}

/// Lets the user that a submission runs as read its program, and nobody else, if this is root.
fn give(paths: &[&Path], user: u32) -> std::io::Result<()> {
    let give = |path: &&Path| std::os::unix::fs::chown(path, Some(user), Some(user));
    if is_root() { paths.iter().try_for_each(give) } else { Ok(()) }
}

/// Does so for the first of these users, and says who it is.
///
/// # Errors
///
/// If the system refuses.
pub(crate) fn give_to_first_user(paths: &[&Path]) -> Result<u32, String> {
    give(paths, FIRST_USER).map_err(|error| format!("cannot hand the program over: {error}"))?;
    Ok(FIRST_USER)
}

/// Whether the first runs have all failed, so that no more are made.
fn is_broken(runs: &BTreeMap<u64, bool>) -> bool {
    let first = |index| runs.get(&index) == Some(&false);
    (0..BROKEN_AFTER).all(first)
}

fn never_passes(runs: &BTreeMap<u64, bool>, planned: u64) -> bool {
    runs.len() as u64 >= planned.min(BROKEN_AFTER) && runs.values().all(|passed| !passed)
}
