//! The judge's report: one verdict, from whichever thread has it first.

use std::path::PathBuf;
use std::process::exit;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use recording::Happening;
use records::{Class, Summary, Unplayed};
use sim::ThreadReport;

use crate::channel::FromJudge;
use crate::connection::connection;
use crate::failure::{Failure, shortened};
use crate::recorder::record;
use crate::threads;
use crate::verdict::Verdict;
use crate::{delays, files};

/// How long an explainer may take; the servers that it asks may hang.
const EXPLAIN_LIMIT: Duration = Duration::from_secs(2);

/// What explains a failure.
type Explainer<T> = Box<dyn Fn() -> T + Send + Sync>;

/// The threads of the servers, each with the server that it belongs to.
type Threads = Vec<(String, ThreadReport)>;

/// What there is to say about a failure, in lines of at most 76 characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explanation {
    /// What the servers were like, or what has gone wrong.
    pub state: String,
    /// The last events before it, the latest last.
    pub events: String,
}

static REPORTER: OnceLock<Reporter> = OnceLock::new();

struct Reporter {
    /// The name of files about this run. Their folder is found when it is needed: what a simulation
    /// allocates must not depend on where the program is.
    files: String,
    keeps_files: bool,
    /// The first thread with a verdict takes it: there is one verdict.
    is_decided: AtomicBool,
    explainer: Mutex<Option<Explainer<Explanation>>>,
    threads: Mutex<Option<Explainer<Threads>>>,
    unplayed: Mutex<Vec<Unplayed>>,
}

/// Sets the name of files about the run, and whether this process may write them.
pub(crate) fn set(files: String, keeps_files: bool) {
    REPORTER.get_or_init(|| Reporter {
        files,
        keeps_files,
        is_decided: AtomicBool::new(false),
        explainer: Mutex::default(),
        threads: Mutex::default(),
        unplayed: Mutex::default(),
    });
}

/// Reports that the test has passed, and ends its process.
pub(crate) fn pass(summary: Summary) -> ! {
    let reporter = REPORTER.get().expect("a test runs in a process with a reporter");
    reporter.take_decision();
    let unplayed = std::mem::take(&mut *reporter.unplayed.lock());
    report(Verdict::pass(summary, unplayed));
    exit(0)
}

/// Fails the test and ends its process. Works from any thread; the first failure counts.
///
/// # Panics
///
/// If this is not the judge of a test.
pub fn fail(failure: Failure) -> ! {
    let reporter = REPORTER.get().expect("only a test can fail");
    reporter.take_decision();
    // This notes how far the simulation has come: explaining moves it on.
    let mut verdict = Verdict::fail(failure);
    let Explanation { state, events } = explain(&reporter.explainer).unwrap_or_default();
    verdict.state = shortened(state);
    verdict.events = shortened(events);
    if matches!(verdict.class, Class::Deadlock | Class::Livelock | Class::NoProgress) {
        let threads = explain(&reporter.threads).unwrap_or_default();
        verdict.threads = shortened(threads::describe_threads(&verdict.seen, &threads));
        if let Some(blame) = threads::blame(&verdict.seen, &threads) {
            verdict.seen = shortened(format!("{}; {blame}", verdict.seen));
        }
    }
    record(|| Happening::Failure {
        class: verdict.class.describe().to_owned(),
        expected: verdict.expected.clone(),
        seen: verdict.seen.clone(),
        server: None,
        details: [verdict.state.as_str(), &verdict.threads].join("\n"),
    });
    report(verdict);
    exit(1)
}

fn report(verdict: Verdict) {
    let verdict = Verdict { longest_delay: delays::longest(), ..verdict };
    if let Some(connection) = connection() {
        // If the runner is gone, nobody needs the verdict.
        let _ = sim::outside(|| connection.tell(&FromJudge::Verdict(Box::new(verdict)), &[]));
    }
}

/// Writes a text that is too long for a report to a file named after the test and the seed, and returns
/// its path. `None` if nothing can be written, as where submissions are graded.
pub fn keep(extension: &str, text: &str) -> Option<PathBuf> {
    let reporter = REPORTER.get().filter(|reporter| reporter.keeps_files)?;
    files::write(&format!("{}.{extension}", reporter.files), text.as_bytes()).ok()
}

/// Sets what explains a failure of this test. Replaces the explainer before it, and is called at most once.
pub fn on_failure(explain: impl Fn() -> Explanation + Send + Sync + 'static) {
    if let Some(reporter) = REPORTER.get() {
        *reporter.explainer.lock() = Some(Box::new(explain));
    }
}

/// Sets what tells the threads of the servers, each with the server that it belongs to, such as "server 2".
/// They are part of the report of a failure that has to do with waiting. Replaces the function before it,
/// and is called at most once.
pub fn threads_on_failure(
    threads: impl Fn() -> Vec<(String, ThreadReport)> + Send + Sync + 'static,
) {
    if let Some(reporter) = REPORTER.get() {
        *reporter.threads.lock() = Some(Box::new(threads));
    }
}

/// Notes that chance has kept a scene of this test from its end.
pub fn note_unplayed(unplayed: Unplayed) {
    if let Some(reporter) = REPORTER.get() {
        reporter.unplayed.lock().push(unplayed);
    }
}

impl Reporter {
    /// Returns for the first thread; the others wait here for the end of the process.
    fn take_decision(&self) {
        while self.is_decided.swap(true, Ordering::AcqRel) {
            thread::park();
        }
    }
}

/// What the explainer says, if it says it in time.
fn explain<T: Send + 'static>(explainer: &Mutex<Option<Explainer<T>>>) -> Option<T> {
    let explain = explainer.try_lock().and_then(|mut explainer| explainer.take())?;
    let (sender, receiver) = channel();
    thread::spawn(move || sender.send(explain()));
    receiver.recv_timeout(EXPLAIN_LIMIT).ok()
}
