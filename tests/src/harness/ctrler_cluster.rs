//! The servers of a shard controller, and its clerks.

use std::collections::BTreeMap;

use labrpc::{Conditions, EndId};
use protocol::{Gid, Role};

use super::Cluster;
use super::clerk::{Clerk, CtrlerClerk};
use super::environment::Environment;
use super::service::Service;
use super::shard_service::server_in_words;
use crate::case::{Run, Summary, Work};

/// The servers of a controller. Calls to servers that are down take up to 100 ms to fail.
pub type CtrlerCluster = Cluster<CtrlerService>;

/// What the network calls clerks without a name of their own.
const CLERK: &str = "clerk";

/// The service of Lab 4A.
pub struct CtrlerService;

impl CtrlerCluster {
    /// Starts `size` servers on a reliable network.
    pub fn new(size: usize, run: &Run) -> Self {
        Cluster::launch(CtrlerService, size, &Environment::new(Conditions::reliable(), run))
    }

    /// A new clerk that reaches all servers.
    pub fn clerk(&self) -> CtrlerClerk {
        self.named_clerk(CLERK)
    }

    /// The server whose reply to a clerk without a name of its own has arrived last; empty before the first.
    pub fn answerer(&self) -> String {
        self.last_answer_to(CLERK).map_or_else(String::new, |name| server_in_words(&name))
    }

    /// A new clerk that the network calls `name`.
    pub fn named_clerk(&self, name: &str) -> CtrlerClerk {
        let servers = self.ends(name);
        CtrlerClerk(Clerk::start(&self.environment, Role::ControllerClerk, name, servers))
    }

    /// All servers with open ends to them, for a client of this name.
    pub(crate) fn ends(&self, from: &str) -> Vec<(String, EndId)> {
        let end = |server| {
            let name = self.servers.name(server);
            let end = self.network().make_end(from, &name).id();
            self.network().enable(end, true);
            (name, end)
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
    const START: &'static str = "CtrlerServer::start";
    const KILL: &'static str = "CtrlerServer::kill";

    fn role(&self, _server: usize) -> Role {
        Role::Controller
    }
}
