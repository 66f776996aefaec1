//! One submission, a few tests, very many runs.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use parking_lot::Mutex;
use records::{Class, Clock, Finding, Order, Record, Seed, Series, TestInfo, conclusion};

use crate::grade::{Gates, give_to_first_user};
use crate::interrupt;
use crate::policy::{check_source, check_symbols};
use crate::report::say;
use crate::sandbox::{Sandbox, Wall};
use crate::submission::Submission;
use crate::warden::{Lost, Warden};
use crate::workshop::{Refusal, Workshop};

/// What to repeat, and how.
pub(crate) struct Repetition {
    pub(crate) submission: PathBuf,
    /// Parts of test names.
    pub(crate) filters: Vec<String>,
    pub(crate) runs: u64,
    pub(crate) first_seed: Seed,
    pub(crate) clock: Clock,
    pub(crate) jobs: usize,
    /// Whether the first failure ends it all.
    pub(crate) until_fail: bool,
    pub(crate) wall: Option<Wall>,
}

/// Runs the tests over and over, and says what that proves. Returns whether no run failed.
///
/// # Errors
///
/// If the submission does not get as far as running.
pub(crate) fn repeat(repetition: &Repetition) -> Result<bool, String> {
    interrupt::install();
    let sandbox = Sandbox::find(repetition.wall)?;
    let submission = Submission::of(&repetition.submission)?
        .ok_or_else(|| format!("{} is a hidden file", repetition.submission.display()))?;
    let taken = submission.take(&sandbox)?;
    for (path, text) in taken.texts() {
        check_source(path, text)?;
    }
    let workshop = Workshop::open(sandbox.clone())?;
    let tests = chosen(&workshop.tests()?, &repetition.filters)?;
    let scratch = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let program =
        workshop.build(&taken, scratch.path(), Gates::Shut).map_err(|refusal| match refusal {
            Refusal::Policy(message) => format!("it uses what it may not:\n{message}"),
            Refusal::Build(message) => format!("it does not compile:\n{message}"),
            Refusal::Fault(message) => message,
        })?;
    check_symbols(&program.libraries)?;
    let user = give_to_first_user(&[scratch.path(), &program.path])?;
    let begun = Instant::now();
    let mut all = Vec::new();
    for test in &tests {
        let series = run(repetition, test, &sandbox, &program.path, user)?;
        say(&show(test, &series));
        let stop = interrupt::requested() || (repetition.until_fail && series.failures() > 0);
        all.push((test.test.clone(), series));
        if stop {
            break;
        }
    }
    say(&format!("\n{}in {:.1} s", conclusion(&all), begun.elapsed().as_secs_f64()));
    Ok(all.iter().all(|(_, series)| series.failures() == 0))
}

fn chosen(tests: &[TestInfo], filters: &[String]) -> Result<Vec<TestInfo>, String> {
    let is_meant = |test: &&TestInfo| {
        filters.is_empty() || filters.iter().any(|filter| test.test.contains(filter))
    };
    let chosen: Vec<TestInfo> = tests.iter().filter(is_meant).cloned().collect();
    if chosen.is_empty() {
        return Err(format!("no test has \"{}\" in its name", filters.join("\" or \"")));
    }
    Ok(chosen)
}

/// Makes all runs of one test, several at a time.
fn run(
    repetition: &Repetition,
    test: &TestInfo,
    sandbox: &Sandbox,
    program: &Path,
    user: u32,
) -> Result<Series, String> {
    let bar = ProgressBar::new(repetition.runs);
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta_precise} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    let next = AtomicU64::new(0);
    let series = Mutex::new(Series::default());
    let problem = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..repetition.jobs {
            scope.spawn(|| {
                let ended = work(repetition, test, &next, sandbox, program, user, |record| {
                    note(&mut series.lock(), record, &bar);
                });
                if let Err(Lost::Broken(reason)) = ended {
                    problem.lock().get_or_insert(reason);
                }
            });
        }
    });
    bar.finish_and_clear();
    let series = series.into_inner();
    match problem.into_inner() {
        Some(problem) if series.runs == 0 => Err(problem),
        _ => Ok(series),
    }
}

fn work(
    repetition: &Repetition,
    test: &TestInfo,
    next: &AtomicU64,
    sandbox: &Sandbox,
    program: &Path,
    user: u32,
    note: impl Fn(&Record),
) -> Result<(), Lost> {
    let mut warden = Warden::start(sandbox, program, user)?;
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        if index >= repetition.runs || interrupt::requested() {
            return Ok(());
        }
        let seed = Seed(repetition.first_seed.0.wrapping_add(index));
        let order = Order { test: test.test.clone(), seed, clock: repetition.clock };
        let record = warden.run(&order)?;
        note(&record);
        if repetition.until_fail && record.class != Class::Pass {
            next.store(repetition.runs, Ordering::Relaxed);
        }
    }
}

/// Counts a run; the first failures are told at once.
fn note(series: &mut Series, record: &Record, bar: &ProgressBar) {
    let virtual_seconds = record.simulated.as_ref().map(|run| run.virtual_seconds);
    series.add(record.class, virtual_seconds.unwrap_or(record.wall_seconds));
    if record.class != Class::Pass && series.failures() <= 5 {
        let class = record.class.describe();
        bar.suspend(|| say(&format!("  seed {:<12} {class}: {}", record.seed, record.seen)));
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
    };
    format!("{:.<30} {finding} {}", format!("{} ", test.test.replace("::", " ")), series.row())
}
