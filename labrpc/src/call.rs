//! A call in progress: its caller waits here for the outcome.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::refusal::Refusal;
use crate::spin::AdaptiveSpin;

/// How long a call takes at most, even if its handler never returns.
const CALL_TIMEOUT: Duration = Duration::from_secs(7);

/// How a call ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    Reply(Vec<u8>),
    Failed,
    Refused(Refusal),
}

/// One call, shared by its caller and the messages that belong to it. Only its first outcome counts.
pub(crate) struct Call {
    progress: Mutex<Progress>,
    changed: Condvar,
    /// Whether the call has an outcome or has timed out, for readers without the lock.
    finished: AtomicBool,
}

struct Progress {
    /// The outcome until the caller takes it.
    outcome: Option<Outcome>,
    /// When the call fails if there is no outcome before; is only ever made earlier.
    fails_at: Instant,
}

impl Call {
    pub(crate) fn new(now: Instant) -> Self {
        Call {
            progress: Mutex::new(Progress { outcome: None, fails_at: now + CALL_TIMEOUT }),
            changed: Condvar::new(),
            finished: AtomicBool::new(false),
        }
    }

    /// Finishes the call with `outcome`. Does nothing if it has finished before.
    pub(crate) fn finish(&self, outcome: Outcome) {
        let mut progress = self.progress.lock();
        if self.finished.swap(true, Ordering::Release) {
            return;
        }
        progress.outcome = Some(outcome);
        self.changed.notify_one();
    }

    /// Makes the call fail at `when` unless it finishes before.
    pub(crate) fn fail_at(&self, when: Instant) {
        let mut progress = self.progress.lock();
        if when < progress.fails_at {
            progress.fails_at = when;
            self.changed.notify_one();
        }
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.finished.load(Ordering::Acquire)
    }

    /// Waits for the outcome: spins first, if the reply may come soon, and then blocks.
    pub(crate) fn wait(&self, spin: Option<&AdaptiveSpin>) -> Outcome {
        if let Some(spin) = spin {
            spin.spin_until(|| self.is_finished());
        }
        let mut progress = self.progress.lock();
        loop {
            if let Some(outcome) = progress.outcome.take() {
                return outcome;
            }
            let fails_at = progress.fails_at;
            if self.changed.wait_until(&mut progress, fails_at).timed_out()
                && progress.outcome.is_none()
                && fails_at == progress.fails_at
            {
                self.finished.store(true, Ordering::Release);
                return Outcome::Failed;
            }
        }
    }
}
