//! The times that tests of all labs use.

use std::time::Duration;

/// How long a test waits for an election that must come.
pub(super) const ELECTION: Duration = Duration::from_millis(1_000);

/// How long it takes at most until there is a leader, if chance may split several votes in a row.
pub(super) const NEW_LEADER: Duration = Duration::from_secs(10);

/// How long a test may take.
pub(super) const LIMIT: Duration = Duration::from_secs(120);

/// How large Raft's state may be if snapshots cut the log in time, in bytes.
pub(super) const STATE_LIMIT: usize = 2_000;

/// Shorter than any election timeout.
pub(super) const SHORTEST_TIMEOUT: Duration = Duration::from_millis(180);
