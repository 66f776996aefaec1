//! The work of a grading, and who does what of it next.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::compiled::Compiled;
use super::session::Session;
use super::tests_left::Next;
use crate::submission::Submission;

/// How long to wait before looking whether the work is to stop.
const LOOK: Duration = Duration::from_millis(200);

/// The submissions that nobody has begun, and those whose tests are being run. A worker goes on with the submission that
/// it has, then begins the next one, and helps others when there is none: so no worker is idle while one submission is
/// left.
pub(super) struct Work<'a> {
    session: &'a Session<'a>,
    state: Mutex<State<'a>>,
    changed: Condvar,
}

struct State<'a> {
    submissions: std::slice::Iter<'a, Submission>,
    /// The submissions whose tests are being run.
    running: Vec<Arc<Compiled<'a>>>,
    /// How many workers have begun a submission and not compiled it yet.
    compiling: usize,
}

/// What a worker does next.
pub(super) enum Job<'a> {
    /// Reads a submission, and compiles it; then call [`Work::begun`].
    Begin(&'a Submission),
    /// Runs a test, or skips it; then call [`Work::tested`].
    Test(Arc<Compiled<'a>>, Next),
}

impl<'a> Work<'a> {
    /// All submissions of the plan.
    pub(super) fn new(session: &'a Session<'a>) -> Self {
        let state = State {
            submissions: session.plan.handed_in.submissions.iter(),
            running: Vec::new(),
            compiling: 0,
        };
        Work { session, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// The next job of a worker, which has run tests of `own` before. Waits while others may leave some. `None` if there
    /// is no more, or something stops the whole grading.
    pub(super) fn next(&self, own: Option<&Arc<Compiled<'a>>>) -> Option<Job<'a>> {
        let mut state = self.state.lock();
        loop {
            if self.session.must_stop() {
                return None;
            }
            if let Some(job) = own.and_then(test_of) {
                return Some(job);
            }
            if let Some(submission) = state.submissions.next() {
                state.compiling += 1;
                return Some(Job::Begin(submission));
            }
            if let Some(job) = state.running.iter().find_map(test_of) {
                return Some(job);
            }
            if state.running.is_empty() && state.compiling == 0 {
                return None;
            }
            self.changed.wait_for(&mut state, LOOK);
        }
    }

    /// Notes that a submission has been begun. If it compiles, its tests are to be run.
    pub(super) fn begun(&self, compiled: Option<&Arc<Compiled<'a>>>) {
        let mut state = self.state.lock();
        state.compiling -= 1;
        state.running.extend(compiled.cloned());
        self.changed.notify_all();
    }

    /// Notes that a worker is done with a test. Returns whether it was the last one of its submission.
    pub(super) fn tested(&self, compiled: &Arc<Compiled<'a>>) -> bool {
        let mut state = self.state.lock();
        let is_done = compiled.change_tests(|tests| tests.is_done());
        let before = state.running.len();
        if is_done {
            state.running.retain(|running| !Arc::ptr_eq(running, compiled));
        }
        self.changed.notify_all();
        state.running.len() < before
    }
}

/// A test of a submission that a worker can run or skip.
fn test_of<'a>(compiled: &Arc<Compiled<'a>>) -> Option<Job<'a>> {
    match compiled.next() {
        next @ (Next::Test(_) | Next::Skip(_)) => Some(Job::Test(compiled.clone(), next)),
        Next::Wait | Next::Nothing => None,
    }
}
