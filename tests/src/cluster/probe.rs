//! Calls into the code under test, watched for those that never return.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::shared::owner;

/// How long a call of the interface may take. All of them are to return at once; this is for a
/// machine that is busy with much else.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// The calls into the servers that are under way.
#[derive(Debug, Default)]
pub(crate) struct Probe {
    calls: Mutex<Calls>,
}

#[derive(Debug, Default)]
struct Calls {
    count: u64,
    active: BTreeMap<u64, ActiveCall>,
}

/// A call that has not returned yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ActiveCall {
    pub(crate) server: usize,
    pub(crate) method: &'static str,
    pub(crate) since: Instant,
}

impl Probe {
    /// Makes a call, and lets others see that it is under way.
    pub(crate) fn call<R>(
        &self,
        server: usize,
        method: &'static str,
        call: impl FnOnce() -> R,
    ) -> R {
        let number = {
            let mut calls = self.calls.lock();
            calls.count += 1;
            let number = calls.count;
            calls.active.insert(number, ActiveCall { server, method, since: Instant::now() });
            number
        };
        let result = sim::as_owner(owner(server), call);
        self.calls.lock().active.remove(&number);
        result
    }

    /// The oldest call, if it has been under way for longer than [`PATIENCE`].
    pub(crate) fn stuck(&self) -> Option<ActiveCall> {
        let calls = self.calls.lock();
        let oldest = calls.active.values().next().copied();
        oldest.filter(|call| call.since.elapsed() > PATIENCE)
    }

    /// Whether a call of `method` on `server` is under way.
    pub(crate) fn is_active(&self, server: usize, method: &str) -> bool {
        let calls = self.calls.lock();
        calls.active.values().any(|call| call.server == server && call.method == method)
    }
}
