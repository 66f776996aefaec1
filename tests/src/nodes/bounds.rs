//! What a node may send. Honest submissions stay far below all of it.

use std::time::Duration;

/// The largest state, and the largest snapshot, that a server may save, in bytes.
pub(crate) const MAX_DISK: usize = 16 << 20;

/// The longest name of a method or a server, in bytes.
pub(super) const MAX_NAME: usize = 200;

/// The client ends that a node may make.
pub(super) const MAX_ENDS: usize = 10_000;

/// The calls that a node may have under way.
pub(super) const MAX_CALLS: usize = 20_000;

/// The bytes that may wait for a node which does not read.
pub(super) const MAX_UNREAD: usize = 64 << 20;

/// The virtual time that a node may take in one turn. A node hands over after a tenth of this.
pub(super) const LONGEST_TURN: Duration = Duration::from_millis(10);

/// The virtual time between two turns of a node, at least. What arrives meanwhile comes with the next turn: a
/// system does not run a process at once for each message either. It also ends the game of a node that says
/// that it has something to do again and again.
pub(super) const TURN_EVERY: Duration = Duration::from_micros(100);

/// The virtual time that news of a failed call may wait for something else that gives the node a turn. Calls fail
/// some time after they are lost anyway, and a turn costs as much as hundreds of locks.
pub(super) const FAILURE_WAITS: Duration = Duration::from_millis(20);
