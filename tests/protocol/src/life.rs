//! How a node begins.

use serde::{Deserialize, Serialize};
use sim::{Chance, Naps};

use crate::machine::Machine;
use crate::service::ServicePlan;
use crate::shards::Gid;

/// What a node is told first: what it is, and whom it knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Life {
    /// What the node is.
    pub role: Role,
    /// The server's number among its peers; 0 for a clerk.
    pub me: usize,
    /// How many of the servers that its first ends lead to are members of its cluster at first, if members change: the
    /// first ones. `None` if all are, for good.
    pub members: Option<usize>,
    /// The names of the servers that its first client ends lead to: those of its own cluster, this server
    /// included, or those that a clerk asks. Ends are numbered from 0.
    pub ends: Vec<String>,
    /// The servers of the controller, for a server of a group. Their ends follow the first ones.
    pub controllers: Vec<String>,
    /// What Raft has saved; empty in a server's first life.
    #[serde(with = "serde_bytes")]
    pub state: Vec<u8>,
    /// The last snapshot; empty if there is none.
    #[serde(with = "serde_bytes")]
    pub snapshot: Vec<u8>,
    /// The clock that it runs on.
    pub clock: Clock,
    /// The machine that it runs on.
    pub machine: Machine,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// A Raft, with a service that keeps all commands (Lab 2).
    Raft {
        /// How that service works.
        service: ServicePlan,
    },
    /// A server of the key/value service (Lab 3).
    KvServer {
        /// The size of Raft's state at which a snapshot is due, in bytes.
        max_raft_state: Option<usize>,
    },
    /// A server of the shard controller (Lab 4A).
    Controller,
    /// A server of a group (Lab 4B).
    ShardServer {
        /// Its group.
        gid: Gid,
        /// The size of Raft's state at which a snapshot is due, in bytes.
        max_raft_state: Option<usize>,
    },
    /// A clerk of the key/value service.
    KvClerk,
    /// A clerk of the controller.
    ControllerClerk,
    /// A clerk of the sharded store; its first ends lead to the controller.
    ShardClerk,
}

/// The clock that a node runs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Clock {
    /// The system's clock.
    Real,
    /// Virtual time, from the judge.
    Virtual {
        /// Decides everything that is left to chance in the node.
        chance: Chance,
        /// Whether its threads pause for seconds.
        naps: Option<Naps>,
    },
}
