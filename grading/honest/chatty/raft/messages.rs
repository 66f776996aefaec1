//! What servers say to each other.

use serde::{Deserialize, Serialize};

use super::log::{Entry, Position};
use crate::apply::{Index, Term};

/// The arguments of the RequestVote RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestVoteArgs {
    pub(super) term: Term,
    pub(super) candidate: usize,
    pub(super) last: Position,
}

/// The reply of the RequestVote RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestVoteReply {
    pub(super) term: Term,
    pub(super) granted: bool,
}

/// The arguments of the AppendEntries RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppendEntriesArgs {
    pub(super) term: Term,
    pub(super) prev: Position,
    pub(super) entries: Vec<Entry>,
    pub(super) commit: Index,
}

/// The reply of the AppendEntries RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppendEntriesReply {
    pub(super) term: Term,
    /// If the entries did not fit: a position of the follower's log that may fit.
    pub(super) hint: Option<Position>,
    pub(super) success: bool,
}

/// The arguments of the InstallSnapshot RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InstallSnapshotArgs {
    pub(super) term: Term,
    pub(super) base: Position,
    #[serde(with = "serde_bytes")]
    pub(super) data: Vec<u8>,
}

/// The reply of the InstallSnapshot RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InstallSnapshotReply {
    pub(super) term: Term,
}

/// A call that the node wants to make.
pub(super) enum Call {
    Vote(RequestVoteArgs),
    Append(AppendEntriesArgs),
    /// The snapshot itself is on the disk.
    Snapshot(Term, Position),
}

/// How a call has ended; `None` if it has failed.
pub(super) enum Outcome {
    Vote(Option<RequestVoteReply>),
    Append(Option<AppendEntriesReply>),
    Snapshot(Option<InstallSnapshotReply>),
}
