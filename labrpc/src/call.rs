//! A call in progress: where its caller waits, and where its outcome is put.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::error::Refusal;
use crate::lookout::Lookout;

/// The longest that any call takes, even if its handler never returns.
const CALL_TIMEOUT: Duration = Duration::from_secs(7);

/// How a call ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    Reply(Vec<u8>),
    Failed,
    Refused(Refusal),
}

/// One call, shared by its caller and by the messages that belong to it. The first outcome stands.
pub(crate) struct Call {
    progress: Mutex<Progress>,
    changed: Condvar,
    settled: AtomicBool,
}

struct Progress {
    outcome: Option<Outcome>,
    /// When the caller gives up; moves only towards now.
    fails_at: Instant,
}

impl Call {
    pub(crate) fn new(now: Instant) -> Self {
        Call {
            progress: Mutex::new(Progress { outcome: None, fails_at: now + CALL_TIMEOUT }),
            changed: Condvar::new(),
            settled: AtomicBool::new(false),
        }
    }

    /// Ends the call, unless it has ended before. Says whether this outcome stands.
    pub(crate) fn settle(&self, outcome: Outcome) -> bool {
        let mut progress = self.progress.lock();
        if self.settled.swap(true, Ordering::Release) {
            return false;
        }
        progress.outcome = Some(outcome);
        self.changed.notify_one();
        true
    }

    /// Lets the call fail at `when`, unless it ends before.
    pub(crate) fn fail_at(&self, when: Instant) {
        let mut progress = self.progress.lock();
        if when < progress.fails_at {
            progress.fails_at = when;
            self.changed.notify_one();
        }
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.settled.load(Ordering::Acquire)
    }

    /// Waits for the outcome. A reply that may come soon is looked out for.
    pub(crate) fn wait(&self, lookout: Option<&Lookout>) -> Outcome {
        if let Some(lookout) = lookout {
            lookout.look_for(|| self.is_settled());
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
                self.settled.store(true, Ordering::Release);
                return Outcome::Failed;
            }
        }
    }
}
