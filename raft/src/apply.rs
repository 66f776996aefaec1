//! What passes between Raft and the service above it.

/// A term (section 5.1). The first leader is elected in term 1.
pub type Term = u64;

/// The place of an entry in the log. The first command is at index 1.
pub type Index = u64;

/// What Raft hands to its service, in this order: each index once, none left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApplyMsg {
    /// A committed command, to be carried out.
    Command {
        /// Its place in the log: one more than that of the message before.
        index: Index,
        /// The bytes that were given to [`Raft::start`](crate::Raft::start).
        command: Vec<u8>,
    },
    /// A snapshot that takes the place of all that the service has done so far.
    Snapshot {
        /// The last index that the snapshot includes.
        index: Index,
        /// The term of the entry at that index.
        term: Term,
        /// The bytes that were given to [`Raft::snapshot`](crate::Raft::snapshot) on some server.
        data: Vec<u8>,
    },
}

/// Where a command has been put in the leader's log. It is not committed yet, and may never be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Started {
    /// The index at which the command will appear if it is ever committed.
    pub index: Index,
    /// The leader's term.
    pub term: Term,
}
