//! The servers of a shard controller, and its clerks.

use std::collections::BTreeMap;
use std::sync::Arc;

use labrpc::{ClientEnd, Conditions, Server};
use raft::Raft;
use shardkv::Gid;
use shardkv::ctrler::{Clerk, CtrlerServer};

use super::Cluster;
use super::calls::Calls;
use super::environment::Environment;
use super::names::server_name;
use super::service::{Life, Service};
use crate::case::{Run, Summary, Work};
use crate::runner::Failure;

/// The servers of a controller. Calls to servers that are down take up to 100 ms to fail.
pub type CtrlerCluster = Cluster<CtrlerService>;

/// The service of Lab 4A.
pub struct CtrlerService;

impl CtrlerCluster {
    /// Starts `size` servers on a reliable network.
    pub fn new(size: usize, run: &Run) -> Self {
        Cluster::launch(CtrlerService, size, &Environment::new(Conditions::reliable(), run))
    }

    /// A new clerk that reaches all servers.
    pub fn clerk(&self) -> Clerk {
        Clerk::new(self.ends("clerk"))
    }

    /// Ends to all servers, enabled, for a client or server with this name.
    pub(crate) fn ends(&self, from: &str) -> Vec<ClientEnd> {
        let end = |server| {
            let end = self.network().make_end(from, &server_name(server));
            self.network().enable(end.id(), true);
            end
        };
        (0..self.size()).map(end).collect()
    }

    /// Ends the test: all servers are killed, and the network stops. `operations` is how many operations
    /// the clerks have done.
    pub fn finish(&self, operations: u64) -> Summary {
        self.stop(Work::Operations(operations))
    }
}

/// A group and its servers, as a Join tells the controller.
pub fn group(gid: Gid, servers: &[&str]) -> BTreeMap<Gid, Vec<String>> {
    BTreeMap::from([(gid, servers.iter().map(|server| (*server).to_owned()).collect())])
}

impl Service for CtrlerService {
    type Server = Arc<CtrlerServer>;

    fn start(&self, life: Life, calls: &Arc<Calls>) -> Result<Arc<CtrlerServer>, Failure> {
        let Life { server, ends, persister, .. } = life;
        let start = || CtrlerServer::start(ends, server, persister);
        Ok(calls.call(server, "CtrlerServer::start", start))
    }

    fn raft(server: &Arc<CtrlerServer>) -> &Arc<Raft> {
        server.raft()
    }

    fn handlers(server: &Arc<CtrlerServer>) -> Server {
        Server::new().with(server.rpc_service()).with(server.raft().rpc_service())
    }

    fn kill(&self, server: usize, running: &Arc<CtrlerServer>, calls: &Calls) {
        calls.call(server, "CtrlerServer::kill", || running.kill());
    }
}
