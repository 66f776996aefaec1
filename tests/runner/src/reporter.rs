//! The child's report: one verdict, from whichever thread has it first.

use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::exit;
use std::sync::OnceLock;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use records::{Class, Summary};

use crate::channel::send_verdict;
use crate::threads;
use crate::verdict::{Failure, Verdict};

/// How long an explainer may take; the servers that it asks may hang.
const EXPLAIN_LIMIT: Duration = Duration::from_secs(2);

type Explainer = Box<dyn Fn() -> String + Send + Sync>;

static REPORTER: OnceLock<Reporter> = OnceLock::new();

struct Reporter {
    key: String,
    /// The name of files about this run. Their folder is found when it is needed: what a simulation
    /// allocates must not depend on where the program is.
    files: String,
    keeps_files: bool,
    /// The first thread with a verdict takes it: there is one verdict.
    stream: Mutex<Option<UnixStream>>,
    explainer: Mutex<Option<Explainer>>,
}

/// Sets where this process reports to, the name of files about the run, and whether it may write them.
pub(crate) fn set(stream: UnixStream, key: String, files: String, keeps_files: bool) {
    REPORTER.get_or_init(|| Reporter {
        key,
        files,
        keeps_files,
        stream: Mutex::new(Some(stream)),
        explainer: Mutex::new(None),
    });
}

/// Reports that the test has passed, and ends its process.
pub(crate) fn pass(summary: Summary) -> ! {
    let reporter = REPORTER.get().expect("a test runs in a process with a reporter");
    let stream = reporter.take_stream();
    // If the parent is gone, nobody needs the verdict.
    let _ = send_verdict(&stream, &reporter.key, Verdict::pass(summary));
    exit(0)
}

/// Fails the test and ends its process. Works from any thread; the first failure counts.
///
/// # Panics
///
/// If this is not the process of a test.
pub fn fail(failure: Failure) -> ! {
    let reporter = REPORTER.get().expect("only a test can fail");
    let stream = reporter.take_stream();
    // This notes how far the simulation has come: explaining moves it on.
    let mut verdict = Verdict::fail(failure);
    verdict.details = reporter.explain();
    if matches!(verdict.class, Class::Deadlock | Class::Livelock | Class::NoProgress) {
        verdict.details.push('\n');
        verdict.details.push_str(&threads::describe_all());
    }
    let _ = send_verdict(&stream, &reporter.key, verdict);
    exit(1)
}

/// Writes a text that is too long for a report to a file named after the test and the seed, and returns
/// its path. `None` if nothing can be written, as where submissions are graded.
pub fn keep(extension: &str, text: &str) -> Option<PathBuf> {
    let reporter = REPORTER.get().filter(|reporter| reporter.keeps_files)?;
    let path = folder_for_files()?.join(format!("{}.{extension}", reporter.files));
    std::fs::create_dir_all(path.parent()?).ok()?;
    std::fs::write(&path, text).ok()?;
    Some(path)
}

/// Where files about failures go: `lab` in cargo's target folder.
fn folder_for_files() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let target = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists())?;
    Some(target.join("lab"))
}

/// Sets what explains a failure of this test: the state of the servers and the last events, in lines of
/// at most 76 characters. Replaces the explainer before it, and is called at most once.
pub fn on_failure(explain: impl Fn() -> String + Send + Sync + 'static) {
    if let Some(reporter) = REPORTER.get() {
        *reporter.explainer.lock() = Some(Box::new(explain));
    }
}

impl Reporter {
    /// The stream, for the first thread; the others wait here for the end of the process.
    fn take_stream(&self) -> UnixStream {
        if let Some(stream) = self.stream.lock().take() {
            return stream;
        }
        loop {
            thread::park();
        }
    }

    /// The explainer's text; empty if there is none in time.
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
