//! The servers of a group: a file that students write in Lab 4B.
//!
//! Groups take configurations without waiting. A shard that leaves is put on a shelf, under its number and that of the
//! configuration; the new group fetches it. The old group asks now and then whether the new one has it, and then
//! forgets it.

mod identity;
mod shards;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use labrpc::{ClientEnd, Service};
use parking_lot::Mutex;
use raft::{Persister, Raft, ThreadPool};
use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::ctrler::{self, Gid};
use crate::replica::Replica;
use crate::setup::{MakeEnd, Setup};
use identity::Identity;
use shards::{Command, Contents, Edition, Shards};

const PORTER_PAUSE: Duration = Duration::from_millis(40);
const HERALD_PAUSE: Duration = Duration::from_millis(70);

/// What a clerk wants.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Operation {
    /// The value of a key.
    Get,
    /// A new value.
    Put(String),
    /// More of a value.
    Append(String),
}

/// A clerk's request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// Who asks.
    pub clerk: u64,
    /// The clerk's number of the request.
    pub number: u64,
    /// The key.
    pub key: String,
    /// What to do with it.
    pub operation: Operation,
}

/// A server's answer to a clerk.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Reply {
    /// The request has been carried out.
    Done(String),
    /// This group does not serve the shard.
    Elsewhere,
    /// This server cannot help.
    Refused,
}

/// One server of a group.
pub struct ShardServer {
    gid: Gid,
    replica: Replica<Shards>,
    make_end: MakeEnd,
    ends: Mutex<BTreeMap<String, ClientEnd>>,
    /// What threads are fetching (true), or asking about (false).
    under_way: Mutex<BTreeSet<(Edition, bool)>>,
    pool: ThreadPool,
    killed: AtomicBool,
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
        let shards = Shards::new(setup.gid);
        let server = Arc::new(ShardServer {
            gid: setup.gid,
            replica: Replica::start(peers, me, persister, max_raft_state, shards),
            make_end: setup.make_end,
            ends: Mutex::default(),
            under_way: Mutex::default(),
            pool: ThreadPool::new(),
            killed: AtomicBool::new(false),
        });
        thread::spawn({
            let server = server.clone();
            move || server.tend()
        });
        thread::spawn({
            let server = server.clone();
            move || server.follow_controller(setup.controllers)
        });
        server
    }

    /// The Raft of this server.
    pub fn raft(&self) -> &Arc<Raft> {
        &self.replica.raft
    }

    /// The RPC methods of this server, one line each. Those of its Raft are registered beside them.
    pub fn rpc_service(self: &Arc<Self>) -> Service<ShardServer> {
        let service = Service::new("ShardServer", self.clone());
        service
            .method("Operate", ShardServer::operate)
            .method("Fetch", ShardServer::fetch)
            .method("HasGot", ShardServer::has_got)
            .method("Name", ShardServer::name)
    }

    /// Handles a request: returns when it has been executed, or when this server cannot execute it.
    pub fn operate(&self, request: Request) -> Reply {
        self.replica.ask(Command::Client(request)).unwrap_or(Reply::Refused)
    }

    /// What this group keeps for another. It never changes, so every server may answer.
    pub fn fetch(&self, edition: Edition) -> Option<Arc<Contents>> {
        self.replica.look(|shards| shards.edition(edition))
    }

    /// Whether what another group keeps is no longer needed. Once that is so, it stays so.
    pub fn has_got(&self, edition: Edition) -> bool {
        self.replica.look(|shards| shards.has_got(edition))
    }

    /// The random name of this server's group, if it has one yet.
    pub fn name(&self, (): ()) -> Option<u64> {
        self.replica.look(Shards::name)
    }

    /// Stops this server: its threads end soon.
    pub fn kill(&self) {
        self.killed.store(true, Ordering::SeqCst);
        self.replica.kill();
    }

    fn is_killed(&self) -> bool {
        self.killed.load(Ordering::SeqCst)
    }

    fn end(&self, name: &str) -> ClientEnd {
        let mut ends = self.ends.lock();
        ends.entry(name.to_owned()).or_insert_with(|| (self.make_end)(name)).clone()
    }

    /// The porter: as long as this server leads, it fetches what is wanted, and clears the shelf.
    fn tend(self: Arc<Self>) {
        let mut crowned = 0;
        while !self.is_killed() {
            let (term, leads) = self.raft().get_state();
            if leads {
                if crowned != term {
                    crowned = term;
                    let server = self.clone();
                    self.pool.execute(move || {
                        server.replica.ask(Command::Crown(rand::rng().random()));
                    });
                }
                for (edition, names) in self.replica.look(Shards::wanted) {
                    self.begin(edition, true, move |server| server.try_fetch(edition, &names));
                }
                for (edition, names) in self.replica.look(Shards::shelf) {
                    self.begin(edition, false, move |server| server.try_forget(edition, &names));
                }
            }
            thread::sleep(PORTER_PAUSE);
        }
    }

    fn begin(
        self: &Arc<Self>,
        edition: Edition,
        is_fetch: bool,
        job: impl FnOnce(&ShardServer) + Send + 'static,
    ) {
        if self.under_way.lock().insert((edition, is_fetch)) {
            let server = self.clone();
            self.pool.execute(move || {
                job(&server);
                server.under_way.lock().remove(&(edition, is_fetch));
            });
        }
    }

    fn try_fetch(&self, edition: Edition, names: &[String]) {
        for name in names {
            if self.is_killed() {
                return;
            }
            if let Some(Some(contents)) = self.end(name).call("ShardServer.Fetch", &edition) {
                self.replica.ask(Command::Arrive(edition, contents));
                return;
            }
        }
    }

    fn try_forget(&self, edition: Edition, names: &[String]) {
        for name in names {
            if self.is_killed() {
                return;
            }
            if self.end(name).call("ShardServer.HasGot", &edition) == Some(true) {
                self.replica.ask(Command::Forget(edition));
                return;
            }
        }
    }

    /// The herald.
    fn follow_controller(&self, controllers: Vec<ClientEnd>) {
        let mut controller = ctrler::Clerk::new(controllers);
        let mut identity = Identity::default();
        while !self.is_killed() {
            if self.take_next_config(&mut controller, &mut identity).is_none() {
                thread::sleep(HERALD_PAUSE);
            }
        }
    }

    fn take_next_config(
        &self,
        controller: &mut ctrler::Clerk,
        identity: &mut Identity,
    ) -> Option<()> {
        if !self.raft().get_state().1 {
            return None;
        }
        let number = self.replica.look(Shards::latest) + 1;
        let config = controller.try_query(Some(number), &|| self.is_killed())?;
        if config.number != number {
            return None;
        }
        let is_ours = identity.is_ours(self, controller, &config)?;
        self.replica.ask(Command::Learn(config, is_ours)).map(|_| ())
    }
}
