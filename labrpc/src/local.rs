//! Calls over a network in this process: their callers wait for the outcomes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::{Condvar, Mutex};

use crate::message::EndId;
use crate::outcome::Outcome;
use crate::spin::AdaptiveSpin;
use crate::transit::Running;
use crate::transport::Transport;

/// Carries the calls of one client end over a network in this process.
pub(crate) struct LocalTransport {
    network: Arc<Running>,
    /// Adapts to how soon replies come on this end.
    spin: AdaptiveSpin,
}

/// Where a call leaves its outcome for its caller.
#[derive(Default)]
struct Waiter {
    outcome: Mutex<Option<Outcome>>,
    changed: Condvar,
    /// Whether there is an outcome, for a caller that spins without the lock.
    finished: AtomicBool,
}

impl LocalTransport {
    pub(crate) fn new(network: Arc<Running>) -> Self {
        LocalTransport { network, spin: AdaptiveSpin::default() }
    }
}

impl Transport for LocalTransport {
    fn call(&self, end: EndId, method: &str, args: Vec<u8>) -> Outcome {
        let waiter = Arc::new(Waiter::default());
        let finisher = waiter.clone();
        let done = Box::new(move |outcome| finisher.finish(outcome));
        let prompt = self.network.call(end, method, args, done);
        if prompt {
            self.spin.spin_until(|| waiter.finished.load(Ordering::Acquire));
        }
        waiter.wait()
    }
}

impl Waiter {
    fn finish(&self, outcome: Outcome) {
        *self.outcome.lock() = Some(outcome);
        self.finished.store(true, Ordering::Release);
        self.changed.notify_one();
    }

    fn wait(&self) -> Outcome {
        let mut outcome = self.outcome.lock();
        loop {
            if let Some(outcome) = outcome.take() {
                return outcome;
            }
            self.changed.wait(&mut outcome);
        }
    }
}
