//! The servers of the controller: a file of Lab 4A.
// BEGIN SOLUTION 4A
//!
//! The state is the list of all configurations. It is small and changes seldom.
// END SOLUTION

// HANDOUT 4A: // Until the stubs are filled in:
// HANDOUT 4A: #![allow(unused, clippy::allow_attributes)]

// BEGIN SOLUTION 4A
use std::collections::BTreeMap;
// END SOLUTION
use std::sync::Arc;

use labrpc::{ClientEnd, Service};
use raft::{Persister, Raft};
use serde::{Deserialize, Serialize};

// BEGIN SOLUTION 4A
use super::config::{Config, Gid, NOBODY, SHARDS};
use crate::replica::{Machine, Replica};

/// When the log of the controller is cut, in bytes. Every question goes into it.
const MAX_RAFT_STATE: usize = 16_000;
// END SOLUTION

/// What a clerk asks of the controller.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    // HANDOUT 4A: // The operation, and what tells a repetition from a new one.
    // BEGIN SOLUTION 4A
    pub(crate) client: u64,
    /// Counts the clerk's requests.
    pub(crate) number: u64,
    pub(crate) op: Op,
    // END SOLUTION
}

// BEGIN SOLUTION 4A
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Op {
    Join {
        groups: BTreeMap<Gid, Vec<String>>,
    },
    Leave {
        gids: Vec<Gid>,
    },
    Move {
        shard: usize,
        gid: Gid,
    },
    /// The configuration of this number; the latest if there is none.
    Query {
        number: Option<u64>,
    },
}
// END SOLUTION

/// The controller's answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reply {
    // HANDOUT 4A: // The configuration, or that this server cannot help.
    // BEGIN SOLUTION 4A
    /// What a Query has found, or what is the latest. `None` if this server does not lead.
    pub(crate) config: Option<Config>,
    // END SOLUTION
}

/// One server of the controller.
pub struct CtrlerServer {
    // HANDOUT 4A: raft: Arc<Raft>,
    // BEGIN SOLUTION 4A
    replica: Arc<Replica<Configs>>,
    // END SOLUTION
}

impl CtrlerServer {
    /// Starts the server `me` of a controller, from what it has saved before. Returns at once.
    pub fn start(peers: Vec<ClientEnd>, me: usize, persister: Arc<Persister>) -> Arc<CtrlerServer> {
        // BEGIN SOLUTION 4A: make a Raft, and start a thread that applies
        let replica = Replica::start(peers, me, persister, Some(MAX_RAFT_STATE));
        Arc::new(CtrlerServer { replica })
        // END SOLUTION
    }

    /// The Raft of this server.
    pub fn raft(&self) -> &Arc<Raft> {
        // BEGIN SOLUTION 4A: the Raft that was made at the start
        self.replica.raft()
        // END SOLUTION
    }

    /// The RPC methods of this server, one line each. Those of its Raft are beside them.
    pub fn rpc_service(self: &Arc<Self>) -> Service<CtrlerServer> {
        Service::new("Ctrler", self.clone()).method("Operate", CtrlerServer::operate)
    }

    /// Handles a request: returns when it has been carried out, or cannot be by this server.
    pub fn operate(&self, request: Request) -> Reply {
        // BEGIN SOLUTION 4A: propose the request, and wait until it is applied
        Reply { config: self.replica.execute(&request) }
        // END SOLUTION
    }

    /// Stops this server: its threads end soon.
    pub fn kill(&self) {
        // BEGIN SOLUTION 4A: end your threads, and Raft
        self.replica.kill();
        // END SOLUTION
    }
}

// BEGIN SOLUTION 4A
/// All configurations. Maps are ordered: every replica must come to the same assignment.
#[derive(Serialize, Deserialize)]
struct Configs {
    /// By number; there is always number 0.
    configs: Vec<Config>,
    /// By client: the number of its last change.
    last_changes: BTreeMap<u64, u64>,
}

impl Default for Configs {
    fn default() -> Self {
        Configs { configs: vec![Config::default()], last_changes: BTreeMap::new() }
    }
}

impl Machine for Configs {
    type Command = Request;
    type Answer = Config;

    fn apply(&mut self, request: Request) -> Config {
        let Request { client, number, op } = request;
        if let Op::Query { number } = op {
            let asked = number.and_then(|number| self.configs.get(number as usize));
            return asked.unwrap_or(self.latest()).clone();
        }
        if self.last_changes.get(&client).is_none_or(|last| *last < number) {
            self.last_changes.insert(client, number);
            let next = self.latest().changed_by(op);
            self.configs.push(next);
        }
        self.latest().clone()
    }
}

impl Configs {
    fn latest(&self) -> &Config {
        self.configs.last().expect("there is always number 0")
    }
}

impl Config {
    fn changed_by(&self, op: Op) -> Config {
        let mut next = Config { number: self.number + 1, ..self.clone() };
        match op {
            Op::Join { groups } => {
                next.groups.extend(groups);
                next.balance();
            }
            Op::Leave { gids } => {
                next.groups.retain(|gid, _| !gids.contains(gid));
                next.balance();
            }
            Op::Move { shard, gid } => {
                if let Some(owner) = next.shards.get_mut(shard) {
                    *owner = gid;
                }
            }
            Op::Query { .. } => {}
        }
        next
    }

    /// Spreads the shards evenly, and moves as few as possible: first those that have no group go to where
    /// there are fewest, then single ones from where there are most.
    fn balance(&mut self) {
        if self.groups.is_empty() {
            self.shards = [NOBODY; SHARDS];
            return;
        }
        for shard in 0..SHARDS {
            if !self.groups.contains_key(&self.shards[shard]) {
                self.shards[shard] = self.extremes().0;
            }
        }
        loop {
            let (fewest, most) = self.extremes();
            if self.count(most) <= self.count(fewest) + 1 {
                return;
            }
            let shard = self.shards.iter().position(|gid| *gid == most);
            self.shards[shard.expect("it has the most")] = fewest;
        }
    }

    fn count(&self, gid: Gid) -> usize {
        self.shards.iter().filter(|owner| **owner == gid).count()
    }

    /// The groups with the fewest and with the most shards; there must be a group.
    fn extremes(&self) -> (Gid, Gid) {
        let groups = || self.groups.keys().copied();
        let fewest = groups().min_by_key(|gid| self.count(*gid));
        let most = groups().max_by_key(|gid| self.count(*gid));
        fewest.zip(most).expect("there is a group")
    }
}
// END SOLUTION
