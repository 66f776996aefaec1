//! What a node says to the judge.

use serde::{Deserialize, Serialize};
use sim::{Stall, ThreadReport};

use crate::patch::Patch;
use crate::shards::Config;
use crate::to_node::Outcome;
use crate::{Index, Started, Term};

/// What a node says to the judge. The order counts: a save before a reply was on disk before the reply left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FromNode {
    /// The node is about to make its server or clerk. It says this only on the clock, where the start of a process
    /// takes time.
    Starting,
    /// The server or the clerk has been made: its constructor has returned.
    Started,
    /// The node has made a client end, for a server that it knows by name.
    MakeEnd {
        /// The end's number. Numbers follow each other.
        end: u64,
        /// The name of the server that it leads to.
        to: String,
    },
    /// A call, which ends with a [`ToNode::Outcome`](crate::ToNode::Outcome).
    Call {
        /// The node's number for this call, unlike all others of this node.
        call: u64,
        /// The end that it is made on.
        end: u64,
        /// The method, such as `Raft.RequestVote`.
        method: String,
        /// The encoded arguments.
        #[serde(with = "serde_bytes")]
        args: Vec<u8>,
    },
    /// The reply to a request.
    Reply {
        /// The number of the request.
        request: u64,
        /// What was replied. A server does not fail: that is for calls that no server has answered.
        outcome: Outcome,
    },
    /// The server saves.
    Save {
        /// What changes in Raft's state.
        state: Patch,
        /// The snapshot, if one is saved together with the state.
        #[serde(with = "serde_bytes")]
        snapshot: Option<Vec<u8>>,
    },
    /// The service of Lab 2 has received this from Raft.
    Applied(Applied),
    /// The service of Lab 2 calls `Raft::snapshot`, up to this index.
    SnapshotBegins(Index),
    /// That call has returned.
    SnapshotEnds,
    /// The answer to a question.
    Answer {
        /// The number of the question.
        ask: u64,
        /// The answer.
        answer: Answer,
    },
    /// A thread has panicked; the node ends.
    Panicked(Panicked),
    /// The simulation of the node cannot continue; the node ends.
    Stalled(Stall),
}

impl FromNode {
    /// The encoding of this message. Nodes are compiled again for each submission, and this is not.
    pub fn encode(&self) -> Vec<u8> {
        labgob::encode_silently(self)
    }
}

/// What a service receives from Raft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Applied {
    /// A committed command.
    Command {
        /// Its index.
        index: Index,
        /// The command.
        #[serde(with = "serde_bytes")]
        command: Vec<u8>,
    },
    /// A snapshot that replaces the service's state.
    Snapshot {
        /// The last index that it includes.
        index: Index,
        /// The term of the entry at that index.
        term: Term,
        /// What the service has put into it.
        #[serde(with = "serde_bytes")]
        data: Vec<u8>,
    },
}

/// The answer to a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// Of `Raft::start`: `None` from a server that does not lead.
    Proposed(Option<Started>),
    /// Whether the server does what it is told to, or tries.
    Tries(bool),
    /// The members of its cluster, by number.
    Members(Vec<usize>),
    /// Of `Raft::get_state`.
    State {
        /// The current term.
        term: Term,
        /// Whether the server believes that it is the leader.
        leads: bool,
    },
    /// `kill` has returned.
    Killed,
    /// A clerk's Get, Put or Append has returned: the value, or an empty text.
    Value(String),
    /// A clerk's operation on the controller has returned; only a Query has a configuration.
    Config(Config),
    /// The service of Lab 2 knows what to do.
    Ordered,
    /// Whether Raft was waiting to send on its apply channel.
    AppliesWait(bool),
    /// How many threads of the server have not ended, apart from those that wait for a request or ask for the
    /// state; 0 on the clock.
    ThreadCount(usize),
    /// What the node's threads are doing.
    Threads(Vec<ThreadReport>),
}

/// A panic, as the node tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Panicked {
    /// The message.
    pub message: String,
    /// File, line and column.
    pub place: String,
    /// The thread's name; empty if it has none.
    pub thread: String,
}
