//! The servers of a group: a file that students write in Lab 4B.
//!
//! Shards are pushed. When a group takes a configuration, the shards that it loses go to its *outbox*, and are
//! served no longer. Its leader sends each of them to the new group until that group has committed it, and only
//! then lets its own group forget it. A group takes the next configuration when it has got all shards of this one.
//! It need not have got rid of its own, so that no group waits for one that waits for it.
//!
//! Besides the applier, two threads work on each server, and do nothing while it does not lead:
//!
//! - the *follower of the controller* takes the next configuration;
//! - the *pusher* starts a thread for each shard in the outbox, which ends when the shard is gone.

mod store;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use labrpc::{ClientEnd, Service};
use parking_lot::Mutex;
use raft::{Persister, Raft};
use serde::{Deserialize, Serialize};

use crate::ctrler;
use crate::replica::Replica;
use crate::setup::{MakeEnd, Setup};
use store::{Arrival, Command, Handover, Parcel, Shard, Store};

/// How often a leader asks the controller for the next configuration.
const CONTROLLER_POLL: Duration = Duration::from_millis(80);

/// How often a leader looks into its outbox, and how long it waits before it sends a shard again.
const OUTBOX_POLL: Duration = Duration::from_millis(30);

/// A clerk's request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    pub(crate) client: u64,
    /// Counts the clerk's requests to all groups. It makes one at a time.
    pub(crate) number: u64,
    pub(crate) key: String,
    pub(crate) op: Op,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Op {
    Get,
    Put(String),
    Append(String),
}

/// A server's answer to a clerk.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Reply {
    /// The value that a Get has found; empty for Put and Append.
    Done(String),
    /// This group does not serve the key, or not yet.
    WrongGroup,
    /// This server does not lead, or has lost its office.
    NotLeader,
}

/// A shard for the group that gets it.
#[derive(Debug, Serialize, Deserialize)]
struct Push {
    handover: Handover,
    shard: Arc<Shard>,
}

/// One server of a group.
pub struct ShardServer {
    replica: Arc<Replica<Store>>,
    make_end: MakeEnd,
    /// What threads of the pusher are sending.
    sending: Mutex<BTreeSet<Handover>>,
    /// What handlers have proposed and are waiting for. A copy of a message must not fill the log with copies.
    taking: Mutex<BTreeSet<Handover>>,
}

impl ShardServer {
    /// Starts server `me` of a group from the state that it saved before, if any. Returns at once.
    ///
    /// `peers` holds a client end to every server of the group, this one included. As soon as Raft's state
    /// takes more than `max_raft_state` bytes on disk, the service should take a snapshot; `None` means
    /// never.
    pub fn start(
        peers: Vec<ClientEnd>,
        me: usize,
        persister: Arc<Persister>,
        max_raft_state: Option<usize>,
        setup: Setup,
    ) -> Arc<ShardServer> {
        let store = Store::new(setup.gid);
        let server = Arc::new(ShardServer {
            replica: Replica::start(peers, me, persister, max_raft_state, store),
            make_end: setup.make_end,
            sending: Mutex::default(),
            taking: Mutex::default(),
        });
        let follower = server.clone();
        let controller = ctrler::Clerk::new(setup.controllers);
        thread::spawn(move || follower.follow(controller));
        let pusher = server.clone();
        thread::spawn(move || pusher.push_all());
        server
    }

    /// The Raft of this server.
    pub fn raft(&self) -> &Arc<Raft> {
        self.replica.raft()
    }

    /// The RPC methods of this server, one line each. Those of its Raft are registered beside them.
    pub fn rpc_service(self: &Arc<Self>) -> Service<ShardServer> {
        let service = Service::new("ShardServer", self.clone());
        service.method("Operate", ShardServer::operate).method("Push", ShardServer::receive)
    }

    /// Handles a request: returns when it has been executed, or when this server cannot execute it.
    pub fn operate(&self, request: Request) -> Reply {
        if !self.replica.leads() {
            return Reply::NotLeader;
        }
        // Spares the log. Whether the group serves the key is decided when the request is applied.
        if !self.replica.look(|store| store.serves(&request.key)) {
            return Reply::WrongGroup;
        }
        self.replica.submit(Command::Client(request)).unwrap_or(Reply::NotLeader)
    }

    /// Stops this server: its threads end soon.
    pub fn kill(&self) {
        self.replica.kill();
    }

    /// Handles Push: returns whether this group has committed the shard.
    fn receive(&self, push: Push) -> bool {
        let handover = push.handover;
        match self.replica.look(|store| store.arrival(handover)) {
            Arrival::Early => false,
            Arrival::Taken => true,
            Arrival::Awaited => {
                if !self.taking.lock().insert(handover) {
                    return false;
                }
                let is_taken = self.replica.submit(Command::Take(handover, push.shard)).is_some();
                self.taking.lock().remove(&handover);
                is_taken
            }
        }
    }

    /// Follows the controller, as long as this server lives.
    fn follow(&self, mut controller: ctrler::Clerk) {
        let mut known_term = 0;
        while !self.replica.is_killed() {
            if !self.take_next_config(&mut controller, &mut known_term) {
                thread::sleep(CONTROLLER_POLL);
            }
        }
    }

    /// Takes the next configuration if this server leads and there is one.
    fn take_next_config(&self, controller: &mut ctrler::Clerk, known_term: &mut u64) -> bool {
        let (term, leads) = self.raft().get_state();
        if !leads {
            return false;
        }
        // A new leader does not know what is committed of its log before it has committed something itself
        // (section 5.4.2). It may wait for a shard that is there, and that nobody will send again.
        if *known_term != term {
            if self.replica.submit(Command::Nothing).is_none() {
                return false;
            }
            *known_term = term;
        }
        let Some(next) = self.replica.look(Store::next_number) else {
            return false;
        };
        match controller.try_query(Some(next)) {
            Some(config) if config.number == next => {
                self.replica.submit(Command::Configure(config)).is_some()
            }
            _ => false,
        }
    }

    /// The pusher.
    fn push_all(self: &Arc<Self>) {
        while !self.replica.is_killed() {
            if self.replica.leads() {
                for (handover, parcel) in self.replica.look(|store| store.outbox().clone()) {
                    if self.sending.lock().insert(handover) {
                        let server = self.clone();
                        thread::spawn(move || server.push(handover, &parcel));
                    }
                }
            }
            thread::sleep(OUTBOX_POLL);
        }
    }

    /// Sends a shard to its new group, until that group has it or this server leads no longer.
    fn push(&self, handover: Handover, parcel: &Parcel) {
        let ends: Vec<ClientEnd> = parcel.to.iter().map(|name| (self.make_end)(name)).collect();
        let push = Push { handover, shard: parcel.shard.clone() };
        let is_due = || {
            !self.replica.is_killed()
                && self.replica.leads()
                && self.replica.look(|store| store.outbox().contains_key(&handover))
        };
        while is_due() {
            let is_taken = |end: &ClientEnd| end.call("ShardServer.Push", &push) == Some(true);
            if ends.iter().any(is_taken) {
                self.replica.submit(Command::Forget(handover));
            } else {
                thread::sleep(OUTBOX_POLL);
            }
        }
        self.sending.lock().remove(&handover);
    }
}
