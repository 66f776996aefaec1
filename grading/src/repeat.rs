//! Running a few tests of one submission many times.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use parking_lot::Mutex;
use records::{
    Class, Clock, Finding, NeverPlayed, Order, Record, Seed, Series, TestInfo, conclusion,
    never_played,
};

use crate::build::{BuildError, BuildOptions, Builder, Workspace};
use crate::foreign::Foreign;
use crate::interrupt;
use crate::report::say;
use crate::sandbox::{Isolation, Sandbox, User};
use crate::sandboxed_runner::{Programs, RunnerError, SandboxedRunner};
use crate::scratch;
use crate::stages;
use crate::submission::{StudentFiles, Submission};

/// How many failures of each test are shown.
const FAILURES_SHOWN: u64 = 5;

/// What to repeat, and how.
pub(crate) struct Repetition {
    pub(crate) submission: PathBuf,
    /// Parts of test names; all tests if empty.
    pub(crate) filters: Vec<String>,
    /// Whether these are whole names instead.
    pub(crate) exact: bool,
    pub(crate) runs: u64,
    pub(crate) first_seed: Seed,
    pub(crate) clock: Clock,
    pub(crate) jobs: usize,
    /// Whether to stop at the first failure.
    pub(crate) until_fail: bool,
    /// The isolation to use; the strongest available if `None`.
    pub(crate) sandbox: Option<Isolation>,
}

/// Runs the tests many times, and prints what that shows. Returns whether no run failed.
///
/// # Errors
///
/// If the submission cannot run.
pub(crate) fn repeat(repetition: &Repetition) -> Result<bool, String> {
    interrupt::install();
    let tests = matching(&stages::tests(), &repetition.filters, repetition.exact)?;
    let sandbox = Sandbox::find(repetition.sandbox)?;
    let files = read_submission(&repetition.submission, &sandbox)?;
    let builder = Builder::open(&Workspace::read()?, sandbox.clone(), BuildOptions::default())?;
    let scratch = scratch::folder()?;
    let program = build(&builder, &files, scratch.path())?;
    let user = User::take()?;
    user.give(&[scratch.path(), &program])?;
    let programs = Programs { judge: &builder.judge(), node: &program };
    let repeater = Repeater { repetition, sandbox: &sandbox, programs, user: user.id() };
    let started = Instant::now();
    let all = repeater.run_all(&tests)?;
    let series: Vec<_> =
        all.iter().map(|(test, runs)| (test.clone(), runs.series.clone())).collect();
    let mut end = format!("\n{}", conclusion(&series));
    let scenes = never_played(all.iter().map(|(test, runs)| (test.as_str(), &runs.never_played)));
    if !scenes.is_empty() {
        end.push_str(&format!("{}\n\n", scenes.join("\n")));
    }
    say(&format!("{end}in {:.1} s", started.elapsed().as_secs_f64()));
    Ok(series.iter().all(|(_, series)| series.passed() == series.runs))
}

fn read_submission(path: &Path, sandbox: &Sandbox) -> Result<StudentFiles, String> {
    let submission =
        Submission::at(path).ok_or_else(|| format!("{} is a hidden file", path.display()))?;
    let selected = submission
        .read_files(sandbox)
        .map_err(|error| format!("{}: {}", path.display(), error.into_message()))?;
    Ok(selected.files)
}

/// The tests with one of the filters in their name, or as their name.
fn matching(tests: &[TestInfo], filters: &[String], exact: bool) -> Result<Vec<TestInfo>, String> {
    let is_named_by = |test: &TestInfo, filter: &String| {
        if exact { test.test == *filter } else { test.test.contains(filter) }
    };
    let matches = |test: &&TestInfo| {
        let is_named = filters.iter().any(|filter| is_named_by(test, filter));
        is_named || filters.is_empty() && !test.optional
    };
    let found: Vec<TestInfo> = tests.iter().filter(matches).cloned().collect();
    let is_vain = |filter: &&String| !tests.iter().any(|test| is_named_by(test, filter));
    let vain: Vec<&str> = filters.iter().filter(is_vain).map(String::as_str).collect();
    if !vain.is_empty() {
        return Err(format!(
            "no test {} \"{}\"{}: cargo lab list names them all",
            if exact { "is called" } else { "has" },
            vain.join("\" or \""),
            if exact { "" } else { " in its name" }
        ));
    }
    Ok(found)
}

fn build(builder: &Builder, files: &StudentFiles, out: &Path) -> Result<PathBuf, String> {
    builder.build(files, out).map_err(|error| match error {
        BuildError::Compiler(message) => format!("it does not compile:\n{message}"),
        BuildError::Fault(message) => message,
    })
}

/// The runs of one test.
#[derive(Default)]
struct Runs {
    series: Series,
    /// Of those that have passed.
    never_played: NeverPlayed,
}

/// Runs the tests of a compiled submission.
struct Repeater<'a> {
    repetition: &'a Repetition,
    sandbox: &'a Sandbox,
    /// The user that the submission runs as, if the grader is root.
    user: u32,
    programs: Programs<'a>,
}

impl Repeater<'_> {
    /// Runs the tests one after the other, and prints a line for each. Returns their runs by name.
    fn run_all(&self, tests: &[TestInfo]) -> Result<Vec<(String, Runs)>, String> {
        let mut all = Vec::new();
        for test in tests {
            let runs = self.run_test(test)?;
            say(&show(test, &runs.series));
            let has_failed = self.repetition.until_fail && runs.series.failures() > 0;
            all.push((test.test.clone(), runs));
            if has_failed || interrupt::requested() {
                break;
            }
        }
        Ok(all)
    }

    /// Makes all runs of one test, several at once.
    fn run_test(&self, test: &TestInfo) -> Result<Runs, String> {
        let bar = progress_bar(self.repetition.runs);
        let next = AtomicU64::new(0);
        let runs = Mutex::new(Runs::default());
        let problem = Mutex::new(None);
        let work = || {
            let worked = self.work(test, &next, |record| note(&mut runs.lock(), record, &bar));
            if let Err(RunnerError::Broken(reason)) = worked {
                problem.lock().get_or_insert(reason);
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.repetition.jobs {
                scope.spawn(work);
            }
        });
        bar.finish_and_clear();
        let runs = runs.into_inner();
        match problem.into_inner() {
            Some(problem) if runs.series.runs == 0 => Err(problem),
            _ => Ok(runs),
        }
    }

    /// Makes runs until there are no more to make.
    fn work(
        &self,
        test: &TestInfo,
        next: &AtomicU64,
        note: impl Fn(&Record),
    ) -> Result<(), RunnerError> {
        let Repetition { runs, first_seed, clock, until_fail, .. } = *self.repetition;
        let mut runner = SandboxedRunner::start(self.sandbox, self.programs, self.user)?;
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= runs || interrupt::requested() {
                return Ok(());
            }
            let seed = Seed(first_seed.0.wrapping_add(u128::from(index)));
            let order = Order { test: test.test.clone(), seed, clock, recording: false };
            let record = runner.run(&order, Duration::MAX)?;
            note(&record);
            if until_fail && record.class != Class::Pass {
                next.store(runs, Ordering::Relaxed);
            }
        }
    }
}

fn progress_bar(runs: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta_precise} left");
    let bar = ProgressBar::new(runs);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Counts a run, and prints the first failures at once.
fn note(runs: &mut Runs, record: &Record, bar: &ProgressBar) {
    let Runs { series, never_played } = runs;
    let passed = record.summary.map(|summary| summary.seconds);
    let all = record.simulated.as_ref().map(|run| run.virtual_seconds);
    series.add(record.class, passed.or(all).unwrap_or(record.wall_seconds));
    if record.class == Class::Pass {
        never_played.add(&record.unplayed);
    } else if series.failures() <= FAILURES_SHOWN {
        let class = record.class.describe();
        let seen = Foreign::new(record.seen.as_str()).line();
        bar.suspend(|| say(&format!("  seed {:<12} {class}: {seen}", record.seed)));
    }
    let (runs, failures) = (series.runs, series.failures());
    bar.set_message(format!("{} {failures} of {runs} failed", record.test));
    bar.inc(1);
}

fn show(test: &TestInfo, series: &Series) -> String {
    let finding = match series.finding() {
        Finding::Ok => "ok    ",
        Finding::Flaky => "flaky ",
        Finding::Broken => "FAILED",
        Finding::Unsure => "unsure",
    };
    format!("{:.<30} {finding} {}", format!("{} ", test.test.replace("::", " ")), series.row())
}
