//! The judge: the process of one run. It holds everything but the submission.

use std::fs::File;
use std::io;
use std::panic::PanicHookInfo;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use recording::Happening;
use records::{Class, Clock};
use sim::{Schedule, Simulation, Switching, TraceFile};

use crate::case::{Case, Run, TESTER};
use crate::channel::Job;
use crate::failure::Failure;
use crate::recorder;
use crate::reporter::fail;
use crate::{connection, delays, reporter, stalls};

/// The argument that makes this program the judge of a run.
pub(crate) const ARGUMENT: &str = "__judge";

/// Runs the test that the runner asks for.
pub(crate) fn main(cases: &[Case]) -> ExitCode {
    let job = match connection::open() {
        Ok(job) => job,
        Err(error) => {
            eprintln!("this process was not started by the test runner: {error}");
            return ExitCode::from(2);
        }
    };
    let Some(case) = cases.iter().find(|case| case.id() == job.test) else {
        eprintln!("there is no test {}", job.test);
        return ExitCode::from(2);
    };
    // On Linux the system ends this process with the runner.
    #[cfg(not(target_os = "linux"))]
    thread::spawn(|| {
        if let Some(connection) = connection::connection() {
            connection.await_end();
        }
        std::process::exit(1)
    });
    let name = format!("{}-{}-{}", case.stage, case.name, job.seed);
    reporter::set(name, job.keeps_files);
    recorder::begin(|| Happening::Run {
        test: case.id(),
        title: case.title.to_owned(),
        seed: job.seed.to_string(),
        clock: if job.clock == Clock::Sim { "sim".to_owned() } else { "real".to_owned() },
    });
    match job.clock {
        Clock::Real => {
            let limit = case.limit;
            thread::spawn(move || watch_time(limit));
            run(*case, &job)
        }
        Clock::Sim => simulate(*case, job),
    }
}

/// Runs the test and reports how it ends.
fn run(case: Case, job: &Job) -> ! {
    std::panic::set_hook(Box::new(report_panic));
    let run = Run { seed: job.seed, plan: Arc::new(job.plan.clone()) };
    reporter::pass((case.run)(&run))
}

/// Does the same in virtual time.
fn simulate(case: Case, job: Job) -> ! {
    let error = match job.trace.as_deref().map(open_trace).transpose() {
        Ok(trace) => {
            let simulation = Simulation {
                chance: job.plan.chance(job.seed, TESTER, "scheduler"),
                schedule: Schedule::Uniform,
                naps: None,
                clock_rate: sim::ClockRate::EXACT,
                begin: Duration::ZERO,
                limit: case.limit,
                trace,
                switching: Switching::Fastest,
            };
            sim::run(simulation, move || run(case, &job), |stall| fail(stalls::of_harness(stall)))
        }
        Err(error) => error,
    };
    let expected = "the test runs in a simulation; it also runs without --sim".to_owned();
    fail(Failure::new(Class::Fault, expected, error.to_string()))
}

/// An empty file. The nodes add their lines to the same one.
fn open_trace(path: &Path) -> io::Result<TraceFile> {
    File::create(path)?;
    Ok(TraceFile { file: File::options().append(true).open(path)?, name: String::new() })
}

/// Ends the test when its time is up, and measures how late this thread wakes on the way.
fn watch_time(limit: Duration) -> ! {
    let end = Instant::now() + limit;
    while Instant::now() < end {
        delays::measure(delays::STEP, || thread::sleep(delays::STEP));
    }
    let expected = format!("the test ends within {} s", limit.as_secs_f64());
    fail(Failure::new(Class::TimeLimit, expected, "it is still running".to_owned()))
}

/// No code of a submission runs here: whatever panics is the harness's fault.
fn report_panic(info: &PanicHookInfo<'_>) {
    let payload = info.payload();
    let message = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned());
    let place = info.location().map_or("an unknown place".to_owned(), |place| place.to_string());
    let thread =
        thread::current().name().map(|name| format!(", in thread {name}")).unwrap_or_default();
    let seen = format!("{message}\nat {place}{thread}");
    fail(Failure::new(Class::Fault, "the harness does not panic".to_owned(), seen));
}
