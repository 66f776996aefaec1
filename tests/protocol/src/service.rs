//! What the service of Lab 2 does with Raft's messages.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Index;

/// How the service of one server works. By default it makes no snapshots and takes each message at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePlan {
    /// It makes a snapshot before each index that is a multiple of this.
    pub snapshot_interval: Option<u64>,
    /// Now and then it takes up to this long for a message.
    pub longest_pause: Duration,
}

/// What a test wants of the service of one server, besides its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// It makes a snapshot as soon as it has applied this index as a command.
    SnapshotAt(Index),
    /// It stops when it has applied this index or a later one, before it makes a snapshot there.
    StopAt(Index),
    /// It goes on if it has stopped, and stops no more.
    GoOn,
}
