//! The servers of a shard controller, and its clerks.

use std::collections::BTreeMap;
use std::time::Instant;

use labrpc::{Conditions, EndId};
use protocol::{Gid, Role};

use super::Cluster;
use super::clerk::{Clerk, CtrlerClerk};
use super::client::Reach;
use super::environment::Environment;
use super::service::Service;
use super::shard_service::describe_answer;
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

    /// The answer to the last call of a clerk without a name of its own, in words: with the server that has given it.
    pub fn describe_answer(&self) -> String {
        describe_answer(self.last_answer_to(CLERK).as_deref())
    }

    /// The same for the clerk that the network calls `name`, with when that server has restarted and become leader.
    pub fn describe_answerer(&self, name: &str) -> String {
        let answerer = self.last_answer_to(name);
        let servers = 0..self.size();
        let Some(server) =
            servers.into_iter().find(|server| answerer == Some(self.servers.name(*server)))
        else {
            return "no server".to_owned();
        };
        let number = self.servers.number(server);
        let ago = |at: Instant| at.elapsed().as_secs_f64();
        let restarted = self.servers.wire().restarted(&self.servers.name(server));
        let restarted = restarted.map(|at| format!("restarted {:.3} s before", ago(at)));
        let led = self.servers.elections.lock().led_last(server);
        let led =
            led.map(|(term, at)| format!("became leader of term {term} {:.3} s before", ago(at)));
        let known: Vec<String> = restarted.into_iter().chain(led).collect();
        match known.as_slice() {
            [] => format!("server {number}"),
            known => format!("server {number}, which {}", known.join(" and ")),
        }
    }

    /// The server that was the last one to restart before some time, and how long before; empty if none had.
    pub fn describe_last_restart(&self, before: Instant) -> String {
        let last = self.servers.elections.lock().last_restart_before(before);
        last.map_or_else(String::new, |(server, at)| {
            let time = before.duration_since(at).as_secs_f64();
            format!("server {server} had restarted {time:.3} s before")
        })
    }

    /// A new clerk that the network calls `name`.
    pub fn named_clerk(&self, name: &str) -> CtrlerClerk {
        self.clerk_with_reach(name).0
    }

    /// A new clerk that the network calls `name`, and a handle that changes which servers it reaches.
    pub fn clerk_with_reach(&self, name: &str) -> (CtrlerClerk, Reach) {
        let servers = self.ends(name);
        let ends = servers.iter().map(|(_, end)| *end).enumerate().collect();
        let reach = Reach::new(self.network().clone(), ends);
        let clerk = Clerk::start(&self.environment, Role::ControllerClerk, name, servers);
        (CtrlerClerk(clerk), reach)
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
