//! When the servers of a Raft test make snapshots.

use std::time::Duration;

use protocol::ServicePlan;

use crate::case::Run;

/// How many commands a snapshot holds more than the one before, by server. The test's seed says which
/// server comes first.
const INTERVALS: [u64; 3] = [4, 7, 11];

/// How long a slow service takes at most for a message.
const LONGEST_PAUSE: Duration = Duration::from_millis(400);

/// When the service of the Raft tests makes snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Snapshots {
    /// Never: the log holds everything.
    Off,
    /// After every fourth, seventh or eleventh command, on each server another.
    On,
    /// The same, and now and then a service takes up to 400 ms for a message.
    Slow,
    /// After every command, on all servers.
    Always,
    /// When the test orders one.
    Ordered,
}

impl Snapshots {
    /// How the service works on each of so many servers.
    pub(crate) fn plans(self, size: usize, run: &Run) -> Vec<ServicePlan> {
        let first = run.number("snapshots") as usize % INTERVALS.len();
        let intervals = INTERVALS.iter().cycle().skip(first).take(size);
        let plan = |interval: &u64| ServicePlan {
            snapshot_interval: match self {
                Snapshots::Off | Snapshots::Ordered => None,
                Snapshots::On | Snapshots::Slow => Some(*interval),
                Snapshots::Always => Some(1),
            },
            longest_pause: if self == Snapshots::Slow { LONGEST_PAUSE } else { Duration::ZERO },
        };
        intervals.map(plan).collect()
    }
}
