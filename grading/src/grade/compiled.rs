//! A submission that compiles, while its tests are run.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use parking_lot::Mutex;
use tempfile::TempDir;

use super::budget::Budget;
use super::pictures::Pictures;
use super::session::Session;
use super::tests_left::{Next, TestsLeft};
use crate::runlog::{Build, Run};

/// How many runs in a row may be without a runner. After that the next one would not have one either.
const WITHOUT_RUNNER: u32 = 2;

/// A submission that compiles. The workers share it.
pub(super) struct Compiled<'a> {
    pub(super) session: &'a Session<'a>,
    pub(super) build: Build,
    program: PathBuf,
    /// The folder of the program.
    _folder: TempDir,
    tests: Mutex<TestsLeft>,
    budget: Arc<Budget>,
    pub(super) pictures: Mutex<Pictures<'a>>,
    /// How many of the last runs had no runner.
    without_runner: AtomicU32,
}

impl<'a> Compiled<'a> {
    /// A submission with its program, which is in this folder.
    pub(super) fn new(
        session: &'a Session<'a>,
        build: Build,
        program: PathBuf,
        folder: TempDir,
    ) -> Self {
        let used = session.previous.used_by(&build.submission);
        Compiled {
            pictures: Mutex::new(Pictures::of(session, &build.submission)),
            tests: Mutex::new(TestsLeft::all(session.plan.scoring.items.len())),
            budget: Arc::new(Budget::of(session.budget().saturating_sub(used))),
            without_runner: AtomicU32::new(0),
            session,
            build,
            program,
            _folder: folder,
        }
    }

    /// The program, as its compiler left it.
    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    /// What a worker can do next. If that is a test, it is this worker's.
    pub(super) fn next(&self) -> Next {
        self.tests.lock().take(&self.session.plan.scoring.items)
    }

    /// Gives the state of the tests to `change`.
    pub(super) fn change_tests<T>(&self, change: impl FnOnce(&mut TestsLeft) -> T) -> T {
        change(&mut self.tests.lock())
    }

    /// The processor time that is left for its runs.
    pub(super) fn budget(&self) -> Arc<Budget> {
        self.budget.clone()
    }

    /// Notes whether a run has had a runner. Returns whether it makes sense to make more runs: resuming the grading
    /// makes those that are missing.
    pub(super) fn note_runner(&self, run: &Run, has_runner: bool) -> bool {
        if run.counts() || has_runner {
            self.without_runner.store(0, Ordering::Relaxed);
            return true;
        }
        self.without_runner.fetch_add(1, Ordering::Relaxed) + 1 < WITHOUT_RUNNER
    }
}
