//! The servers of the controller: a file that students write in Lab 4A.
//!
//! All requests go through the log, Queries as well: a server's own list may lack the latest configuration.

mod balance;

use std::collections::BTreeMap;
use std::sync::Arc;

use labrpc::{ClientEnd, Service};
use raft::{Persister, Raft};
use serde::{Deserialize, Serialize};

use super::config::{Config, Gid};
use crate::replica::{Machine, Replica};
use balance::balance;

/// A clerk's request. The same goes into the log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    pub(super) client: u64,
    /// Counts the clerk's requests. It makes one at a time.
    pub(super) number: u64,
    pub(super) op: Op,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Op {
    Join(BTreeMap<Gid, Vec<String>>),
    Leave(Vec<Gid>),
    Move { shard: usize, gid: Gid },
    Query(Option<u64>),
}

/// The controller's answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reply {
    /// The configuration that a Query has asked for, and the latest one after a change. `None` if this
    /// server cannot help.
    pub(super) config: Option<Config>,
}

/// One server of the controller.
pub struct CtrlerServer {
    replica: Arc<Replica<History>>,
}

/// All configurations.
#[derive(Serialize, Deserialize)]
struct History {
    /// By number. Never empty: it begins with number 0.
    configs: Vec<Config>,
    /// By clerk: the number of its last change.
    last_changes: BTreeMap<u64, u64>,
}

impl CtrlerServer {
    /// Starts server `me` of a controller from the state that it saved before, if any. Returns at once.
    ///
    /// `peers` holds a client end to every server, this one included.
    pub fn start(peers: Vec<ClientEnd>, me: usize, persister: Arc<Persister>) -> Arc<CtrlerServer> {
        let history = History { configs: vec![Config::default()], last_changes: BTreeMap::new() };
        let replica = Replica::start(peers, me, persister, None, history);
        Arc::new(CtrlerServer { replica })
    }

    /// The Raft of this server.
    pub fn raft(&self) -> &Arc<Raft> {
        self.replica.raft()
    }

    /// The RPC methods of this server, one line each. Those of its Raft are registered beside them.
    pub fn rpc_service(self: &Arc<Self>) -> Service<CtrlerServer> {
        Service::new("Ctrler", self.clone()).method("Operate", CtrlerServer::operate)
    }

    /// Handles a request: returns when it has been executed, or when this server cannot execute it.
    pub fn operate(&self, request: Request) -> Reply {
        Reply { config: self.replica.submit(request) }
    }

    /// Stops this server: its threads end soon.
    pub fn kill(&self) {
        self.replica.kill();
    }
}

impl Machine for History {
    type Command = Request;
    type Answer = Config;

    fn apply(&mut self, request: Request) -> Config {
        if let Op::Query(number) = request.op {
            return self.config(number).clone();
        }
        let last = self.last_changes.entry(request.client).or_default();
        if *last < request.number {
            *last = request.number;
            let next = self.next_config(request.op);
            self.configs.push(next);
        }
        self.latest().clone()
    }
}

impl History {
    fn latest(&self) -> &Config {
        self.configs.last().expect("number 0 is always there")
    }

    /// The configuration with this number, or the latest one if there is none.
    fn config(&self, number: Option<u64>) -> &Config {
        number.and_then(|number| self.configs.get(number as usize)).unwrap_or(self.latest())
    }

    /// What a change makes of the latest configuration. A Join of a group that is there gives it new
    /// servers. A Move to a group that is not there changes nothing.
    fn next_config(&self, change: Op) -> Config {
        let mut config = self.latest().clone();
        config.number += 1;
        match change {
            Op::Join(groups) => {
                config.groups.extend(groups);
                config.shards = balance(config.shards, config.groups.keys());
            }
            Op::Leave(gids) => {
                config.groups.retain(|gid, _| !gids.contains(gid));
                config.shards = balance(config.shards, config.groups.keys());
            }
            Op::Move { shard, gid } if config.groups.contains_key(&gid) => {
                config.shards[shard] = gid;
            }
            Op::Move { .. } | Op::Query(_) => {}
        }
        config
    }
}
