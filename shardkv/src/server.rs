//! The servers of a group: a file that students write in Lab 4B.
//!
//! A group takes one configuration after the other, through its log. With each configuration some shards
//! *leave*: the group stops serving them, and hands them over to their new group. Others are *awaited*
//! until their old group hands them over. Each shard moves independently of the others. When no shard is
//! leaving and none is awaited, the group is ready for the next configuration.
//!
//! So a group never waits for a group that is ahead of it, and groups never wait for each other in a circle.
//!
//! This file holds what a server does: its handlers, and the thread that follows the controller. `store`
//! holds the state machine that all servers of the group share.

mod store;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use labrpc::{ClientEnd, Service};
use parking_lot::Mutex;
use raft::{Persister, Raft, ThreadPool};
use serde::{Deserialize, Serialize};

use crate::ctrler::{Clerk, Gid};
use crate::replica::Replica;
use crate::setup::{MakeEnd, Setup};
pub(crate) use store::{Answer, Op, Operation};
use store::{Command, HandOver, Store};

/// How often a leader asks for a new configuration, and tries again to hand over what is leaving.
const TICK: Duration = Duration::from_millis(50);

/// A clerk's request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    // 4B: the operation, and what tells a repetition from a new request
    pub(crate) operation: Operation,
}

/// A server's answer to a clerk.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reply {
    // 4B: the value, or why this server cannot help
    /// `None` if this server does not lead.
    pub(crate) answer: Option<Answer>,
}

/// Whether the receiving group has the shards now, for good.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct HandOverReply {
    taken: bool,
}

/// One server of a group.
pub struct ShardServer {
    // 4B: a Raft, the shards of this group, and a way to other groups
    replica: Arc<Replica<Store>>,
    gid: Gid,
    make_end: MakeEnd,
    ends: Mutex<BTreeMap<String, ClientEnd>>,
    /// The groups that shards are being handed to right now.
    receivers: Mutex<BTreeSet<Gid>>,
    pool: ThreadPool,
}

impl ShardServer {
    /// Starts server `me` of a group from the state that it saved before, if any. Returns at once.
    ///
    /// `peers` holds a client end to every server of the group, this one included. As soon as Raft's state
    /// takes more than `max_raft_state` bytes on disk, the service should take a snapshot; `None` means
    /// never.
    // 4B: make a Raft, and start threads that apply and that follow the controller
    pub fn start(
        peers: Vec<ClientEnd>,
        me: usize,
        persister: Arc<Persister>,
        max_raft_state: Option<usize>,
        setup: Setup,
    ) -> Arc<ShardServer> {
        let server = Arc::new(ShardServer {
            replica: Replica::start(peers, me, persister, max_raft_state),
            gid: setup.gid,
            make_end: setup.make_end,
            ends: Mutex::default(),
            receivers: Mutex::default(),
            pool: ThreadPool::new(),
        });
        let manager = server.clone();
        thread::spawn(move || manager.manage(Clerk::new(setup.controllers)));
        server
    }

    /// The Raft of this server.
    // 4B: the Raft that was made at the start
    pub fn raft(&self) -> &Arc<Raft> {
        self.replica.raft()
    }

    /// The RPC methods of this server, one line each. Those of its Raft are registered beside them.
    pub fn rpc_service(self: &Arc<Self>) -> Service<ShardServer> {
        let service = Service::new("ShardServer", self.clone());
        // 4B
        let service = service.method("HandOver", ShardServer::hand_over);
        service.method("Operate", ShardServer::operate)
    }

    /// Handles a request: returns when it has been executed, or when this server cannot execute it.
    // 4B: propose the request, and wait until it is applied
    pub fn operate(&self, request: Request) -> Reply {
        if self.replica.leads().is_none() {
            return Reply { answer: None };
        }
        let refusal = self.replica.look(|store| store.refusal(&request.operation.key));
        if refusal.is_some() {
            return Reply { answer: refusal };
        }
        Reply { answer: self.replica.execute(&Command::Operate(request.operation)) }
    }

    /// Stops this server: its threads end soon.
    // 4B: end your threads, and Raft
    pub fn kill(&self) {
        self.replica.kill();
    }

    /// Takes shards from another group.
    fn hand_over(&self, shards: HandOver) -> HandOverReply {
        let answer = self.replica.execute(&Command::Take(shards));
        HandOverReply { taken: matches!(answer, Some(Answer::Done(_))) }
    }

    fn manage(self: Arc<Self>, mut controller: Clerk) {
        let mut committed_in = None;
        while !self.replica.is_killed() {
            if let Some(term) = self.replica.leads() {
                // Entries of earlier leaders are committed only together with an entry of this term
                // (section 5.4.2), and no clerk may come along to propose one.
                if committed_in != Some(term) && self.replica.execute(&Command::NoOp).is_some() {
                    committed_in = Some(term);
                }
                self.hand_over_leaving();
                self.advance(&mut controller);
                self.hand_over_leaving();
            }
            thread::sleep(TICK);
        }
    }

    /// Takes the next configuration, if there is one and the group is ready for it.
    fn advance(&self, controller: &mut Clerk) {
        let Some(next) = self.replica.look(|store| store.ready_for()) else {
            return;
        };
        if let Some(config) = controller.try_query(Some(next))
            && config.number == next
        {
            self.replica.execute(&Command::Configure { config, gid: self.gid });
        }
    }

    /// Hands over what is leaving, on a thread for each receiving group: a dead group delays no other.
    fn hand_over_leaving(self: &Arc<Self>) {
        let receivers = self.replica.look(|store| store.receivers());
        for gid in receivers {
            if self.receivers.lock().insert(gid) {
                let server = self.clone();
                self.pool.execute(move || {
                    server.hand_over_to(gid);
                    server.receivers.lock().remove(&gid);
                });
            }
        }
    }

    /// Asks each server of a group once to take its shards.
    fn hand_over_to(&self, gid: Gid) {
        let (args, names) = self.replica.look(|store| {
            let names = store.config.groups.get(&gid).cloned().unwrap_or_default();
            (store.leaving_for(gid), names)
        });
        for name in names {
            let reply: Option<HandOverReply> =
                self.end_to(&name).call("ShardServer.HandOver", &args);
            if reply.is_some_and(|reply| reply.taken) {
                let shards = args.shards.iter().map(|(shard, _)| *shard).collect();
                self.replica.execute(&Command::Drop { number: args.number, shards });
                return;
            }
        }
    }

    fn end_to(&self, name: &str) -> ClientEnd {
        let mut ends = self.ends.lock();
        ends.entry(name.to_owned()).or_insert_with(|| (self.make_end)(name)).clone()
    }
}
