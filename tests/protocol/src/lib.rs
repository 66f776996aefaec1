//! What the harness and the processes of a submission say to each other.
//!
//! Each life of a server, and each clerk, is a process of its own: a *node*. The *judge* is the process of
//! the test: it holds the network, the disks, the clock and the verdict, and no code of the submission.
//! Between the two go [frames](mod@frame) of bytes. The judge sends [`ToNode`]s: requests of other nodes,
//! outcomes of calls, and questions. A node sends [`FromNode`]s: calls, replies, what it saves, what it
//! applies, and answers.
//!
//! What a node sends is a claim. The judge bounds and checks it like a file from the net.
//!
//! In virtual time judge and nodes take turns. A frame gives the turn to a node, which runs until all its
//! threads wait. Its frame gives the turn back, with everything it has sent in the meantime and the time at
//! which it wants to go on. On the clock a frame goes in either direction at any time.

pub mod frame;
mod frame_reader;
mod from_node;
mod life;
mod machine;
mod patch;
mod service;
mod shards;
mod to_node;

pub use frame::{Frame, FrameError, MAX_FRAME, Turn};
pub use frame_reader::FrameReader;
pub use from_node::{Answer, Applied, FromNode, Panicked};
pub use life::{Clock, Life, Role};
pub use machine::Machine;
pub use patch::Patch;
pub use service::{Order, ServicePlan};
pub use shards::{Config, Gid, NOBODY, SHARDS, shard_of};
pub use to_node::{Operation, Outcome, Question, ToNode};

/// The name of the thread of a node that asks its Raft for its state, again and again, even after the end.
pub const STATE_THREAD: &str = "node-state";

/// A term (section 5.1 of the Raft paper).
pub type Term = u64;

/// The position of an entry in the log, from 1.
pub type Index = u64;

/// Where a leader has put a proposed command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Started {
    /// The index at which the command will appear if it is ever committed.
    pub index: Index,
    /// The leader's term.
    pub term: Term,
}
