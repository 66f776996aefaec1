//! Calls into the code under test, watched for those that do not return.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// How long a call may take. All of them should return at once; the rest is for a busy machine.
const LIMIT: Duration = Duration::from_secs(5);

/// The calls into the servers of a cluster that have not returned yet.
#[derive(Debug, Default)]
pub(crate) struct Calls {
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
    /// Has `call` made, which calls `method` of a server, and notes that until it returns.
    pub(crate) fn call<R>(
        &self,
        server: usize,
        method: &'static str,
        call: impl FnOnce() -> R,
    ) -> R {
        let id = self.begin(server, method);
        let result = call();
        self.active.lock().calls.remove(&id);
        result
    }

    /// Notes that `method` of a server is being called.
    pub(crate) fn begin(&self, server: usize, method: &'static str) -> u64 {
        let mut active = self.active.lock();
        active.count += 1;
        let id = active.count;
        active.calls.insert(id, ActiveCall { server, method, since: Instant::now() });
        id
    }

    /// Notes that the calls of `method` on a server have returned, or never will.
    pub(crate) fn end_all(&self, server: usize, method: &str) {
        let is_one = |call: &ActiveCall| call.server == server && call.method == method;
        self.active.lock().calls.retain(|_, call| !is_one(call));
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
