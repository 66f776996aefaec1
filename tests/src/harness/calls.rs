//! Calls into the code under test, watched for those that do not return.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::names::owner;

/// How long a call may take. All of them should return at once; the rest is for a busy machine.
const LIMIT: Duration = Duration::from_secs(5);

/// The calls into the servers of a cluster that have not returned yet.
#[derive(Debug)]
pub(crate) struct Calls {
    /// The number of the cluster's first server.
    first: usize,
    active: Mutex<Active>,
}

#[derive(Debug, Default)]
struct Active {
    count: u64,
    calls: BTreeMap<u64, ActiveCall>,
}

/// A call that has not returned yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ActiveCall {
    /// Within the cluster.
    pub(crate) server: usize,
    pub(crate) method: &'static str,
    pub(crate) since: Instant,
}

impl Calls {
    /// For the cluster whose first server has this number.
    pub(crate) fn new(first: usize) -> Self {
        Calls { first, active: Mutex::default() }
    }

    /// Calls `method` of a server, and notes that it is being called until it returns.
    pub(crate) fn call<R>(
        &self,
        server: usize,
        method: &'static str,
        call: impl FnOnce() -> R,
    ) -> R {
        let id = {
            let mut active = self.active.lock();
            active.count += 1;
            let id = active.count;
            active.calls.insert(id, ActiveCall { server, method, since: Instant::now() });
            id
        };
        let result = sim::as_owner(owner(self.first + server), call);
        self.active.lock().calls.remove(&id);
        result
    }

    /// The oldest call, if it has taken longer than a call may.
    pub(crate) fn overdue(&self) -> Option<ActiveCall> {
        let active = self.active.lock();
        let oldest = active.calls.values().next().copied();
        oldest.filter(|call| call.since.elapsed() > LIMIT)
    }

    /// Whether a call of `method` on `server` has not returned yet.
    pub(crate) fn is_active(&self, server: usize, method: &str) -> bool {
        let active = self.active.lock();
        active.calls.values().any(|call| call.server == server && call.method == method)
    }
}
