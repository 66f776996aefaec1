//! The servers of the controller: a file that students write in Lab 4A.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use labrpc::{ClientEnd, Service};
use raft::{Persister, Raft};
use serde::{Deserialize, Serialize};

use super::config::{Config, Gid, NOBODY, SHARDS};
use crate::replica::{Machine, Replica};

/// What a clerk wants.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Operation {
    /// New groups.
    Join(BTreeMap<Gid, Vec<String>>),
    /// Groups that go.
    Leave(Vec<Gid>),
    /// A shard to a group.
    Move(usize, Gid),
    /// A configuration.
    Query(Option<u64>),
}

/// A clerk's request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// Who asks.
    pub clerk: u64,
    /// The clerk's number of the request.
    pub number: u64,
    /// What it wants.
    pub operation: Operation,
}

/// The controller's answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Reply {
    /// Done. The configuration is the one asked for, or an empty one.
    Done(Config),
    /// This server cannot help.
    Refused,
}

#[derive(Serialize, Deserialize)]
struct Plans {
    configs: Vec<Config>,
    /// By clerk: the number of its last change.
    changes: BTreeMap<u64, u64>,
}

/// Who gets which shard, if these groups share them. The groups that have most keep most; what a group has too much
/// goes to those that have too little. Depends on nothing but the arguments.
fn balance<'a>(old: &[Gid; SHARDS], groups: impl Iterator<Item = &'a Gid>) -> [Gid; SHARDS] {
    let held = |gid: Gid| old.iter().filter(|owner| **owner == gid).count();
    let mut ranking: Vec<(Reverse<usize>, Gid)> =
        groups.map(|gid| (Reverse(held(*gid)), *gid)).collect();
    if ranking.is_empty() {
        return [NOBODY; SHARDS];
    }
    ranking.sort_unstable();
    let (each, spare) = (SHARDS / ranking.len(), SHARDS % ranking.len());
    let mut room: Vec<(Gid, usize)> = ranking
        .iter()
        .enumerate()
        .map(|(rank, (_, gid))| (*gid, each + usize::from(rank < spare)))
        .collect();
    let mut take = |wanted: Option<Gid>| {
        let place = room
            .iter_mut()
            .find(|(gid, room)| *room > 0 && wanted.is_none_or(|wanted| wanted == *gid))?;
        place.1 -= 1;
        Some(place.0)
    };
    let kept = old.map(|owner| take(Some(owner)));
    kept.map(|owner| owner.unwrap_or_else(|| take(None).expect("as much room as shards")))
}

impl Plans {
    fn change(&mut self, operation: Operation) {
        let mut next = self.configs.last().expect("number 0").clone();
        next.number += 1;
        match operation {
            Operation::Join(groups) => {
                for (gid, names) in groups {
                    next.groups.entry(gid).or_insert(names);
                }
                next.shards = balance(&next.shards, next.groups.keys());
            }
            Operation::Leave(gids) => {
                next.groups.retain(|gid, _| !gids.contains(gid));
                next.shards = balance(&next.shards, next.groups.keys());
            }
            Operation::Move(shard, gid) => {
                if next.groups.contains_key(&gid) && shard < SHARDS {
                    next.shards[shard] = gid;
                }
            }
            Operation::Query(_) => return,
        }
        self.configs.push(next);
    }
}

impl Machine for Plans {
    type Command = Request;
    type Answer = Config;

    fn early(&self, request: &Request) -> Option<Config> {
        let done = self.changes.get(&request.clerk).is_some_and(|last| *last >= request.number);
        done.then(Config::default)
    }

    fn apply(&mut self, request: Request) -> Config {
        if let Operation::Query(number) = request.operation {
            let latest = self.configs.len() - 1;
            let number = number.map_or(latest, |number| latest.min(number as usize));
            return self.configs[number].clone();
        }
        if self.early(&request).is_none() {
            self.changes.insert(request.clerk, request.number);
            self.change(request.operation);
        }
        Config::default()
    }

    fn save(&self) -> Vec<u8> {
        labgob::encode(self)
    }

    fn load(&mut self, snapshot: &[u8]) {
        *self = labgob::decode(snapshot).expect("a snapshot of this service");
    }
}

/// One server of the controller.
pub struct CtrlerServer {
    replica: Replica<Plans>,
}

impl CtrlerServer {
    /// Starts server `me` of a controller from the state that it saved before, if any. Returns at once.
    ///
    /// `peers` holds a client end to every server, this one included.
    pub fn start(peers: Vec<ClientEnd>, me: usize, persister: Arc<Persister>) -> Arc<CtrlerServer> {
        let plans = Plans { configs: vec![Config::default()], changes: BTreeMap::new() };
        Arc::new(CtrlerServer { replica: Replica::start(peers, me, persister, None, plans) })
    }

    /// The Raft of this server.
    pub fn raft(&self) -> &Arc<Raft> {
        &self.replica.raft
    }

    /// The RPC methods of this server, one line each. Those of its Raft are registered beside them.
    pub fn rpc_service(self: &Arc<Self>) -> Service<CtrlerServer> {
        Service::new("Ctrler", self.clone()).method("Operate", CtrlerServer::operate)
    }

    /// Handles a request: returns when it has been executed, or when this server cannot execute it.
    pub fn operate(&self, request: Request) -> Reply {
        self.replica.ask(request).map_or(Reply::Refused, Reply::Done)
    }

    /// Stops this server: its threads end soon.
    pub fn kill(&self) {
        self.replica.kill();
    }
}
