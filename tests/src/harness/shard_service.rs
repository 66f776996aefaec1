//! The servers of one group of a sharded store.

use std::sync::Arc;

use labrpc::{ClientEnd, EndId, Network, Server};
use parking_lot::Mutex;
use raft::Raft;
use shardkv::{Gid, Setup, ShardServer};

use super::calls::Calls;
use super::names::server_name;
use super::service::{Life, Service};
use crate::runner::Failure;

/// The servers of a controller, and of each group.
pub(crate) const SERVERS: usize = 3;

/// The number of the first group; the others follow.
pub(crate) const FIRST_GID: Gid = 100;

/// The service of Lab 4B, for one group.
pub struct ShardService {
    pub(crate) gid: Gid,
    pub(crate) max_raft_state: Option<usize>,
    pub(crate) network: Network,
}

/// One server of a group, for one of its lives.
pub(crate) struct GroupServer {
    server: Arc<ShardServer>,
    ends: Arc<OwnEnds>,
}

/// The number of a group's first server.
pub(crate) fn first_number(gid: Gid) -> usize {
    1_000 + 10 * (gid - FIRST_GID) as usize
}

/// The ends that one life of a server has made. They are disabled for good when it ends.
struct OwnEnds {
    network: Network,
    name: String,
    /// `None` once the server has been killed.
    made: Mutex<Option<Vec<EndId>>>,
}

impl OwnEnds {
    fn new(network: &Network, name: String) -> Arc<Self> {
        Arc::new(OwnEnds { network: network.clone(), name, made: Mutex::new(Some(Vec::new())) })
    }

    fn make(&self, to: &str) -> ClientEnd {
        let end = self.network.make_end(&self.name, to);
        if let Some(made) = &mut *self.made.lock() {
            self.network.enable(end.id(), true);
            made.push(end.id());
        }
        end
    }

    fn close(&self) {
        for end in self.made.lock().take().unwrap_or_default() {
            self.network.enable(end, false);
        }
    }
}

impl Service for ShardService {
    type Server = GroupServer;

    fn start(&self, life: Life, calls: &Arc<Calls>) -> Result<GroupServer, Failure> {
        let Life { server, ends, persister, .. } = life;
        let own = OwnEnds::new(&self.network, server_name(first_number(self.gid) + server));
        let maker = own.clone();
        let setup = Setup {
            gid: self.gid,
            controllers: (0..SERVERS).map(|number| own.make(&server_name(number))).collect(),
            make_end: Arc::new(move |name| maker.make(name)),
        };
        let start = || ShardServer::start(ends, server, persister, self.max_raft_state, setup);
        let server = calls.call(server, "ShardServer::start", start);
        Ok(GroupServer { server, ends: own })
    }

    fn raft(server: &GroupServer) -> &Arc<Raft> {
        server.server.raft()
    }

    fn handlers(server: &GroupServer) -> Server {
        Server::new().with(server.server.rpc_service()).with(server.server.raft().rpc_service())
    }

    fn kill(&self, server: usize, running: &GroupServer, calls: &Calls) {
        running.ends.close();
        calls.call(server, "ShardServer::kill", || running.server.kill());
    }
}
