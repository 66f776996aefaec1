//! What the judge says to a node.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::frame::{self, Frame, FrameError};
use crate::life::Life;
use crate::service::Order;
use crate::shards::Gid;

/// What the judge says to a node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ToNode {
    /// Comes first, once.
    Start(Box<Life>),
    /// A request of another node has arrived. The node owes a [`FromNode::Reply`](crate::FromNode::Reply).
    Request {
        /// Names the request in the reply.
        request: u64,
        /// The method, such as `Raft.RequestVote`.
        method: String,
        /// The encoded arguments.
        #[serde(with = "serde_bytes")]
        args: Vec<u8>,
    },
    /// A call of this node has ended.
    Outcome {
        /// The number that the node has given to the call.
        call: u64,
        /// How it has ended.
        outcome: Outcome,
    },
    /// The test wants something of the node, which owes a [`FromNode::Answer`](crate::FromNode::Answer).
    Ask {
        /// Names the question in the answer.
        ask: u64,
        /// What it wants.
        question: Question,
    },
}

impl ToNode {
    /// Decodes a sequence of messages. Nodes are compiled again for each submission, and this is not.
    ///
    /// # Errors
    ///
    /// If the bytes are something else.
    pub fn decode_all(bytes: &[u8]) -> Result<Vec<ToNode>, labgob::DecodeError> {
        labgob::decode(bytes)
    }
}

impl Frame<ToNode> {
    /// Decodes the body of a frame from the judge, as [`decode`](frame::decode) does.
    ///
    /// # Errors
    ///
    /// If it is not the body of a frame.
    pub fn decode(body: &[u8]) -> Result<Self, FrameError> {
        frame::decode(body)
    }
}

/// How a call has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The encoded reply.
    Reply(#[serde(with = "serde_bytes")] Vec<u8>),
    /// No reply came, or will come.
    Failed,
    /// The server cannot execute the call: why.
    Refused(String),
}

/// What a test wants of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Question {
    /// Calls `Raft::start`.
    Propose(#[serde(with = "serde_bytes")] Vec<u8>),
    /// Calls `Raft::transfer_leadership`, to the server with this number in its cluster.
    TransferLeadership(usize),
    /// Calls `Raft::add_server` with this number.
    AddServer(usize),
    /// Calls `Raft::remove_server` with this number.
    RemoveServer(usize),
    /// Calls `Raft::members`.
    Members,
    /// Calls `Raft::get_state`. In virtual time nobody asks: a [`Turn`](crate::Turn) says it.
    GetState,
    /// Calls the server's `kill`.
    Kill,
    /// Has a clerk do this.
    Operate(Operation),
    /// Tells the service of Lab 2 what to do.
    Order(Order),
    /// Whether Raft waits to send on its apply channel. Takes a message from the channel.
    AppliesWait,
    /// How many threads the node has.
    CountThreads,
    /// What the node's threads are doing.
    Threads,
}

/// What a clerk can be asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// Reads a key.
    Get {
        /// The key.
        key: String,
    },
    /// Sets a key.
    Put {
        /// The key.
        key: String,
        /// Its new value.
        value: String,
    },
    /// Adds to the value of a key.
    Append {
        /// The key.
        key: String,
        /// What is added.
        value: String,
    },
    /// Adds groups to the controller, each with the names of its servers.
    Join {
        /// The groups.
        groups: BTreeMap<Gid, Vec<String>>,
    },
    /// Removes groups.
    Leave {
        /// The groups.
        gids: Vec<Gid>,
    },
    /// Gives a shard to a group.
    Move {
        /// The shard.
        shard: usize,
        /// The group.
        gid: Gid,
    },
    /// Reads a configuration; the latest if there is none with this number.
    Query {
        /// The number of the configuration.
        number: Option<u64>,
    },
}

impl Question {
    /// The call of the submission that answers the question, as `Type::method`; empty if there is none.
    pub fn method(&self) -> &'static str {
        match self {
            Question::Propose(_) => "Raft::start",
            Question::TransferLeadership(_) => "Raft::transfer_leadership",
            Question::AddServer(_) => "Raft::add_server",
            Question::RemoveServer(_) => "Raft::remove_server",
            Question::Members => "Raft::members",
            Question::GetState => "Raft::get_state",
            Question::Kill => "kill",
            Question::Operate(_) => "the clerk",
            Question::Order(_)
            | Question::AppliesWait
            | Question::CountThreads
            | Question::Threads => "",
        }
    }
}
