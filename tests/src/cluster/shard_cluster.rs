//! A sharded store: a controller, groups of servers, and clients.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use labrpc::{ClientEnd, Conditions, EndId, Network, Server};
use parking_lot::Mutex;
use raft::Raft;
use shardkv::ctrler::{self, Config};
use shardkv::{Clerk, Gid, MakeEnd, Setup, ShardServer};

use super::client::{Client, Reach, Store, client_name};
use super::ctrler_cluster::{CtrlerCluster, CtrlerService};
use super::ground::Ground;
use super::history::History;
use super::service::{Life, Service};
use super::shared::{Shared, server_name};
use super::{Cluster, report};
use crate::case::{Run, Summary, Work};
use crate::runner::{Class, Failure, fail, on_failure};

/// The servers of a controller, and of each group.
const SERVERS: usize = 3;

/// The number of groups.
const GROUPS: usize = 3;

/// The number of the first group; the others follow.
const FIRST_GID: Gid = 100;

/// A controller of three servers, numbered from 0, and three groups of three: group 100 has the servers
/// 1000 to 1002, group 101 those from 1010 on, and so forth. Calls to the dead take up to 100 ms to fail.
pub struct ShardCluster {
    ground: Arc<Ground>,
    /// The servers of the controller.
    pub controller: CtrlerCluster,
    groups: Vec<Cluster<ShardService>>,
    clerk: Mutex<ctrler::Clerk>,
    clients: AtomicUsize,
    history: Arc<History>,
}

/// The servers of one group.
pub struct ShardService {
    gid: Gid,
    max_raft_state: Option<usize>,
}

/// One of them, for one of its lives.
pub(crate) struct GroupServer {
    server: Arc<ShardServer>,
    ends: Arc<OwnEnds>,
}

impl ShardCluster {
    /// Starts everything on a reliable network. No group has joined yet. Servers of groups make snapshots
    /// when Raft's state exceeds `max_raft_state` bytes; never if there is no such limit.
    pub fn new(max_raft_state: Option<usize>, run: &Run) -> Self {
        let ground = Ground::new(Conditions::reliable(), run);
        let controller = Cluster::place(&ground, CtrlerService, 0..SERVERS);
        let groups: Vec<Cluster<ShardService>> = (0..GROUPS)
            .map(|group| {
                let service = ShardService { gid: FIRST_GID + group as Gid, max_raft_state };
                let first = first_number(service.gid);
                Cluster::place(&ground, service, first..first + SERVERS)
            })
            .collect();
        let controllers = controller.shared.clone();
        let all: Vec<_> = groups.iter().map(|group| group.shared.clone()).collect();
        on_failure(move || {
            let mut rows = report::rows(&controllers);
            all.iter().for_each(|group| rows.push_str(&report::rows(group)));
            report::explain(&rows, &controllers.journal)
        });
        controller.switch_on();
        groups.iter().for_each(Cluster::switch_on);
        let clerk = Mutex::new(controller.clerk());
        let (clients, history) = (AtomicUsize::new(0), Arc::new(History::new()));
        ShardCluster { ground, controller, groups, clerk, clients, history }
    }

    /// A new client.
    pub fn client(&self) -> Client {
        let number = self.clients.fetch_add(1, Ordering::Relaxed);
        let name = client_name(number);
        let network = self.ground.network.clone();
        let controllers = self.controller.ends(&name);
        let reach = Reach::new(network.clone(), Vec::new());
        let make_end: MakeEnd = Arc::new(move |server| {
            let end = network.make_end(&name, server);
            network.enable(end.id(), true);
            end
        });
        let clerk = Clerk::new(controllers, make_end);
        Client::new(number, Box::new(clerk), reach, self.history.clone())
    }

    /// Has groups join, in one step. Groups count from 0.
    pub fn join(&self, groups: &[usize]) {
        self.ground.journal.note(format!("the test has the groups {:?} join", gids(groups)));
        let names = |gid| (first_number(gid)..).take(SERVERS).map(server_name).collect();
        let joining: BTreeMap<Gid, Vec<String>> =
            gids(groups).into_iter().map(|gid| (gid, names(gid))).collect();
        self.clerk.lock().join(&joining);
    }

    /// Has groups leave, in one step.
    pub fn leave(&self, groups: &[usize]) {
        self.ground.journal.note(format!("the test has the groups {:?} leave", gids(groups)));
        self.clerk.lock().leave(&gids(groups));
    }

    /// The latest configuration.
    pub fn config(&self) -> Config {
        self.clerk.lock().query(None)
    }

    /// One of the groups.
    pub fn group(&self, group: usize) -> &Cluster<ShardService> {
        &self.groups[group]
    }

    /// The number of a group, as the controller knows it.
    pub fn gid(&self, group: usize) -> Gid {
        FIRST_GID + group as Gid
    }

    /// Crashes all servers of a group.
    pub fn crash_group(&self, group: usize) {
        (0..SERVERS).for_each(|server| self.groups[group].crash_in_action(server));
    }

    /// Restarts all servers of a group, and connects them.
    pub fn restart_group(&self, group: usize) {
        (0..SERVERS).for_each(|server| self.groups[group].restart_connected(server));
    }

    /// Lets the network lose and delay messages, or stops it.
    pub fn set_reliable(&self, reliable: bool) {
        self.ground.set_reliable(reliable);
    }

    /// A whole number below `bound`, from the test's seed.
    pub fn draw(&self, bound: u64) -> u64 {
        self.ground.draw(bound)
    }

    /// Loses every reply to some clients. The requests arrive.
    pub fn lose_replies_to(&self, clients: &[Client]) {
        let names: BTreeSet<String> =
            clients.iter().map(|client| client_name(client.number())).collect();
        self.ground.lose_replies_to(names);
    }

    /// Loses no more replies than the network does by itself.
    pub fn lose_no_replies(&self) {
        self.ground.lose_no_replies();
    }

    /// Bytes on the disks of all servers of all groups.
    pub fn storage(&self) -> usize {
        let disks = self.groups.iter().flat_map(|group| &group.shared.slots);
        let size = |disk: &Arc<raft::Persister>| disk.state_size() + disk.snapshot_size();
        disks.map(|slot| size(&slot.lock().persister)).sum()
    }

    /// Fails unless every group's log is cut in time, and no server makes snapshots if none are due.
    pub fn check_sizes(&self) {
        for group in &self.groups {
            let ShardService { gid, max_raft_state } = group.shared.service;
            let (size, limit, what) = match max_raft_state {
                None => (group.largest_snapshot(), 0, "snapshot"),
                Some(max) => (group.largest_state(), 8 * max, "Raft state"),
            };
            if size > limit {
                fail(Failure::new(
                    Class::Assertion,
                    format!("no server of group {gid} has a {what} of more than {limit} bytes"),
                    format!("one is {size} bytes long"),
                ));
            }
        }
    }

    /// Ends the test: all servers are killed, the network stops, and what the clients were answered is
    /// checked.
    pub fn finish(&self) -> Summary {
        let work = Work::Operations(self.history.len() as u64);
        let summary = self.ground.summary(SERVERS * (1 + GROUPS), work);
        self.groups.iter().for_each(Cluster::switch_off);
        self.controller.switch_off();
        self.ground.network.shutdown();
        self.history.check(&self.ground.journal);
        summary
    }
}

fn gids(groups: &[usize]) -> Vec<Gid> {
    groups.iter().map(|group| FIRST_GID + *group as Gid).collect()
}

/// The number of a group's first server.
fn first_number(gid: Gid) -> usize {
    1_000 + 10 * (gid - FIRST_GID) as usize
}

impl Store for Clerk {
    fn get(&mut self, key: &str) -> String {
        self.get(key)
    }

    fn put(&mut self, key: &str, value: &str) {
        self.put(key, value);
    }

    fn append(&mut self, key: &str, value: &str) {
        self.append(key, value);
    }
}

/// The ends that one life of a server has made. They close for good when it ends.
struct OwnEnds {
    network: Network,
    name: String,
    /// None once the server has been killed.
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

    fn start(shared: &Arc<Shared<Self>>, life: Life) -> Result<GroupServer, Failure> {
        let Life { server, ends, persister, .. } = life;
        let ShardService { gid, max_raft_state } = shared.service;
        let own = OwnEnds::new(&shared.network, shared.name(server));
        let maker = own.clone();
        let setup = Setup {
            gid,
            controllers: (0..SERVERS).map(|number| own.make(&server_name(number))).collect(),
            make_end: Arc::new(move |name| maker.make(name)),
        };
        let start = || ShardServer::start(ends, server, persister, max_raft_state, setup);
        let server = shared.probe.call(shared.number(server), "ShardServer::start", start);
        Ok(GroupServer { server, ends: own })
    }

    fn raft(server: &GroupServer) -> &Arc<Raft> {
        server.server.raft()
    }

    fn handlers(server: &GroupServer) -> Server {
        Server::new().with(server.server.rpc_service()).with(server.server.raft().rpc_service())
    }

    fn kill(shared: &Shared<Self>, server: usize, running: &GroupServer) {
        running.ends.close();
        shared.probe.call(shared.number(server), "ShardServer::kill", || running.server.kill());
    }
}
