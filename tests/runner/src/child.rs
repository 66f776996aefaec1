//! The process of one test.

use std::fs::File;
use std::io::Read;
use std::os::unix::net::UnixStream;
use std::panic::PanicHookInfo;
use std::process::{ExitCode, exit};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use records::{Class, Clock};
use sim::{Simulation, Switching};

use crate::case::{Case, Run};
use crate::channel::{Job, send_verdict};
use crate::reporter::fail;
use crate::verdict::{Failure, Verdict};
use crate::{lockdown, logging, reporter, stalls};

/// Runs the test that the parent asks for.
pub(crate) fn main(cases: &[Case]) -> ExitCode {
    let (job, stream) = match Job::receive() {
        Ok(received) => received,
        Err(error) => {
            eprintln!("this process was not started by the test runner: {error}");
            return ExitCode::from(2);
        }
    };
    let Some(case) = cases.iter().find(|case| case.id() == job.test) else {
        eprintln!("there is no test {}", job.test);
        return ExitCode::from(2);
    };
    if job.confined {
        // The greeting has told the grader already whether this works here.
        let _ = lockdown::confine();
    }
    if let Ok(watched) = stream.try_clone() {
        start_watching_parent(watched);
    }
    match job.clock {
        Clock::Real => run_test(*case, job, stream),
        Clock::Sim => simulate(*case, job, stream),
    }
}

/// Runs the test and reports how it ends.
fn run_test(case: Case, job: Job, stream: UnixStream) -> ! {
    let name = format!("{}-{}-{}", case.stage, case.name, job.seed);
    reporter::set(stream, job.key, name, job.keeps_files);
    std::panic::set_hook(Box::new(report_panic));
    sim::outside(logging::start);
    if !sim::is_active() {
        thread::spawn(move || watch_time(case.limit));
    }
    reporter::pass((case.run)(&Run { seed: job.seed }))
}

/// Does the same in virtual time.
fn simulate(case: Case, job: Job, stream: UnixStream) -> ! {
    if let Some(processor) = job.processor {
        stay_on(processor);
    }
    let opened = job.trace.as_ref().map(File::create).transpose();
    let error = match (opened, stream.try_clone()) {
        (Ok(trace), Ok(other)) => {
            let key = job.key.clone();
            let simulation = Simulation {
                seed: job.seed.derive("scheduler").0,
                begin: Duration::ZERO,
                limit: case.limit,
                trace,
                switching: Switching::Fastest,
            };
            let error = sim::run(simulation, move || run_test(case, job, stream), stalls::report);
            let _ = send_verdict(&other, &key, cannot_simulate(&error));
            exit(1)
        }
        (Err(error), _) | (_, Err(error)) => error,
    };
    let _ = send_verdict(&stream, &job.key, cannot_simulate(&error));
    exit(1)
}

fn stay_on(processor: usize) {
    #[cfg(target_os = "linux")]
    {
        let mut set = rustix::thread::CpuSet::new();
        set.set(processor);
        // If this fails, the test is slower, and that is all.
        let _ = rustix::thread::sched_setaffinity(None, &set);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = processor;
}

fn cannot_simulate(error: &std::io::Error) -> Verdict {
    let expected = "the test runs in a simulation; it also runs without --sim".to_owned();
    Verdict::fail(Failure::new(Class::Fault, expected, error.to_string()))
}

/// Starts a thread that ends this process with its parent.
fn start_watching_parent(stream: UnixStream) {
    let (begun, has_begun) = channel();
    thread::spawn(move || {
        begun.send(()).expect("the other end waits");
        end_with_parent(stream)
    });
    // A simulation must find the same threads of the process in each run: std keeps a list of them.
    let _ = has_begun.recv();
}

/// The parent sends nothing after the job, so this read returns when the parent is gone.
fn end_with_parent(mut stream: UnixStream) {
    let _ = stream.read(&mut [0]);
    exit(1)
}

fn watch_time(limit: Duration) {
    thread::sleep(limit);
    let expected = format!("the test ends within {} s", limit.as_secs_f64());
    fail(Failure::new(Class::TimeLimit, expected, "it is still running".to_owned()))
}

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
    // A panic in these files is the harness's fault: the submission does not call into it.
    let class = if place.starts_with("tests/") { Class::Fault } else { Class::Panic };
    fail(Failure::new(
        class,
        "no server panics".to_owned(),
        format!("{message}\nat {place}{thread}"),
    ))
}
