//! The servers of the controller: a file that students write in Lab 4A.
//!
//! The state is the list of all configurations. It is small and seldom changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use labrpc::{ClientEnd, Service};
use raft::{Persister, Raft};
use serde::{Deserialize, Serialize};

use super::config::{Config, Gid, NOBODY, SHARDS};
use crate::replica::{Machine, Replica};

/// The controller takes a snapshot when Raft's state exceeds this, in bytes. Even queries go into the log.
const MAX_RAFT_STATE: usize = 16_000;

/// A clerk's request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    // 4A: the operation, and what tells a repetition from a new request
    pub(crate) client: u64,
    /// Counts the clerk's requests.
    pub(crate) number: u64,
    pub(crate) op: Op,
}

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
    /// The configuration with this number, or else the latest.
    Query {
        number: Option<u64>,
    },
}

/// The controller's answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reply {
    // 4A: the configuration, or that this server cannot help
    /// What a Query asks for, or else the latest. `None` if this server does not lead.
    pub(crate) config: Option<Config>,
}

/// One server of the controller.
pub struct CtrlerServer {
    // 4A: a Raft, and all configurations
    replica: Arc<Replica<Configs>>,
}

impl CtrlerServer {
    /// Starts server `me` of a controller from the state that it saved before, if any. Returns at once.
    ///
    /// `peers` holds a client end to every server, this one included.
    // 4A: make a Raft, and start a thread that applies
    pub fn start(peers: Vec<ClientEnd>, me: usize, persister: Arc<Persister>) -> Arc<CtrlerServer> {
        let replica = Replica::start(peers, me, persister, Some(MAX_RAFT_STATE));
        Arc::new(CtrlerServer { replica })
    }

    /// The Raft of this server.
    // 4A: the Raft that was made at the start
    pub fn raft(&self) -> &Arc<Raft> {
        self.replica.raft()
    }

    /// The RPC methods of this server, one line each. Those of its Raft are registered beside them.
    pub fn rpc_service(self: &Arc<Self>) -> Service<CtrlerServer> {
        Service::new("Ctrler", self.clone()).method("Operate", CtrlerServer::operate)
    }

    /// Handles a request: returns when it has been executed, or when this server cannot execute it.
    // 4A: propose the request, and wait until it is applied
    pub fn operate(&self, request: Request) -> Reply {
        Reply { config: self.replica.execute(&request) }
    }

    /// Stops this server: its threads end soon.
    // 4A: end your threads, and Raft
    pub fn kill(&self) {
        self.replica.kill();
    }
}

/// All configurations. Maps are ordered, so that every replica assigns shards in the same way.
#[derive(Serialize, Deserialize)]
struct Configs {
    /// By number. Number 0 is always there.
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
        self.configs.last().expect("number 0 is always there")
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

    /// Spreads the shards evenly, and moves as few as possible. First, each shard without a group goes to
    /// the group with the fewest; then single shards go from the group with the most to the one with the
    /// fewest.
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

    /// The groups with the fewest and with the most shards. There must be a group.
    fn extremes(&self) -> (Gid, Gid) {
        let groups = || self.groups.keys().copied();
        let fewest = groups().min_by_key(|gid| self.count(*gid));
        let most = groups().max_by_key(|gid| self.count(*gid));
        fewest.zip(most).expect("there is a group")
    }
}
