//! The process of one test.

use std::fs::File;
use std::io::Read;
use std::os::unix::net::UnixStream;
use std::panic::PanicHookInfo;
use std::path::PathBuf;
use std::process::{ExitCode, exit};
use std::sync::OnceLock;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use records::{Class, Clock};
use sim::{Simulation, Switching};

use crate::case::{Case, Run};
use crate::channel::{Job, send_verdict};
use crate::verdict::{Failure, Verdict};
use crate::{lockdown, logging, stalls};

/// How long an explainer may take; the servers that it asks about may be stuck.
const EXPLAIN_LIMIT: Duration = Duration::from_secs(2);

type Explainer = Box<dyn Fn() -> String + Send + Sync>;

static CHILD: OnceLock<Child> = OnceLock::new();

struct Child {
    key: String,
    /// Where files about this run go, without their extension.
    files: Option<PathBuf>,
    /// Taken by whoever speaks first: there is one verdict.
    stream: Mutex<Option<UnixStream>>,
    explainer: Mutex<Option<Explainer>>,
}

/// Fails the test at hand and ends its process. Works from any thread; the first failure counts.
///
/// # Panics
///
/// If this is not the process of a test.
pub fn fail(failure: Failure) -> ! {
    let child = CHILD.get().expect("only a test can fail");
    let Some(stream) = child.stream.lock().take() else {
        park();
    };
    // The digest first: explaining goes on in the same simulation.
    let mut verdict = Verdict::fail(failure, String::new());
    verdict.details = child.explain();
    if matches!(verdict.class, Class::Deadlock | Class::Livelock | Class::NoProgress) {
        verdict.details.push('\n');
        verdict.details.push_str(&stalls::show_threads());
    }
    // A parent that is gone needs no verdict.
    let _ = send_verdict(&stream, &child.key, verdict);
    exit(1)
}

/// Keeps a text that is too long for a message, such as a picture of what went wrong, in a file that is
/// called after the test and the seed. `None` where nothing can be kept, as where submissions are graded.
pub fn keep(extension: &str, text: &str) -> Option<PathBuf> {
    let path = CHILD.get()?.files.as_ref()?.with_extension(extension);
    std::fs::create_dir_all(path.parent()?).ok()?;
    std::fs::write(&path, text).ok()?;
    Some(path)
}

/// Sets what explains a failure of this test: the state of things and the last events, in lines of at
/// most 76 characters. It takes the place of the explainer before it, and is called once at most.
pub fn on_failure(explain: impl Fn() -> String + Send + Sync + 'static) {
    if let Some(child) = CHILD.get() {
        *child.explainer.lock() = Some(Box::new(explain));
    }
}

fn park() -> ! {
    loop {
        thread::park();
    }
}

impl Child {
    /// What the explainer says, if it says anything in time.
    fn explain(&self) -> String {
        let Some(explain) = self.explainer.try_lock().and_then(|mut explainer| explainer.take())
        else {
            return String::new();
        };
        let (sender, receiver) = channel();
        thread::spawn(move || sender.send(explain()));
        receiver.recv_timeout(EXPLAIN_LIMIT).unwrap_or_default()
    }
}

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
        // Whoever ordered this run knows how far that goes here.
        let _ = lockdown::confine();
    }
    if let Ok(watched) = stream.try_clone() {
        let (begun, has_begun) = channel();
        thread::spawn(move || {
            begun.send(()).expect("the other end waits");
            end_with_parent(watched)
        });
        // A simulation must find the same threads of the process in each run: std keeps a list of them.
        let _ = has_begun.recv();
    }
    match job.clock {
        Clock::Real => judge(*case, job, stream),
        Clock::Sim => simulate(*case, job, stream),
    }
}

/// Runs the test and reports how it ends.
fn judge(case: Case, job: Job, stream: UnixStream) -> ! {
    let child = CHILD.get_or_init(|| Child {
        key: job.key,
        files: job
            .folder
            .map(|folder| folder.join(format!("{}-{}-{}", case.stage, case.name, job.seed))),
        stream: Mutex::new(Some(stream)),
        explainer: Mutex::new(None),
    });
    std::panic::set_hook(Box::new(report_panic));
    sim::outside(logging::start);
    if !sim::is_active() {
        thread::spawn(move || watch_time(case.limit));
    }

    let summary = (case.run)(&Run { seed: job.seed.0 });
    let Some(stream) = child.stream.lock().take() else {
        park();
    };
    let _ = send_verdict(&stream, &child.key, Verdict::pass(summary));
    exit(0)
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
                seed: job.seed.0,
                limit: case.limit,
                trace,
                switching: Switching::Fastest,
            };
            let error = sim::run(simulation, move || judge(case, job, stream), stalls::report);
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
        // Anywhere else the test runs, too, if more slowly.
        let _ = rustix::thread::sched_setaffinity(None, &set);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = processor;
}

fn cannot_simulate(error: &std::io::Error) -> Verdict {
    let expected = "the test runs in a simulation; it does run without --sim".to_owned();
    Verdict::fail(Failure::new(Class::Fault, expected, error.to_string()), String::new())
}

/// The parent never sends anything more: what can be read is its end.
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
    // A panic in these files is the harness's own: the submission does not call into it.
    let class = if place.starts_with("tests/") { Class::Fault } else { Class::Panic };
    fail(Failure::new(
        class,
        "no server panics".to_owned(),
        format!("{message}\nat {place}{thread}"),
    ))
}
