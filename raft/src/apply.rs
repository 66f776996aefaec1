//! The messages between Raft and the service above it.

/// A term (section 5.1). The first leader is elected in term 1.
pub type Term = u64;

/// The position of an entry in the log. The first command is at index 1.
pub type Index = u64;

/// What Raft hands to its service: each index once, in order, without gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApplyMsg {
    /// A committed command, to be executed.
    Command {
        /// Its position in the log: one more than that of the message before.
        index: Index,
        /// The bytes passed to [`Raft::start`](crate::Raft::start).
        command: Vec<u8>,
    },
    /// A snapshot that replaces the whole state of the service.
    Snapshot {
        /// The last index that the snapshot includes.
        index: Index,
        /// The term of the entry at that index.
        term: Term,
        /// The bytes passed to [`Raft::snapshot`](crate::Raft::snapshot) on some server.
        data: Vec<u8>,
    },
}

/// The position of a new command in the leader's log. The command is not committed yet, and may never be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Started {
    /// The index at which the command will appear if it is ever committed.
    pub index: Index,
    /// The leader's term.
    pub term: Term,
}
