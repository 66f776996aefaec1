//! A sharded store: a controller, groups of servers, and clients.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use labrpc::{Conditions, Network};
use parking_lot::Mutex;
use protocol::{Config, Gid, Role};

use super::clerk::{Clerk, CtrlerClerk};
use super::client::{Client, Reach, client_name};
use super::ctrler_cluster::{CtrlerCluster, CtrlerService};
use super::environment::Environment;
use super::history::History;
use super::leftovers::await_ends;
use super::names::server_name;
use super::shard_service::{FIRST_GID, SERVERS, ShardService, first_number};
use super::stuck_call::StuckCalls;
use super::{Cluster, report};
use crate::case::{Run, Summary, Work};
use crate::runner::{Class, Failure, fail, on_failure, threads_on_failure};

/// The number of groups.
const GROUPS: usize = 3;

/// A controller of three servers, numbered from 0, and three groups of three: group 100 has the servers
/// 1000 to 1002, group 101 those from 1010 on, and so forth. Calls to servers that are down take up to 100 ms to fail.
pub struct ShardCluster {
    environment: Arc<Environment>,
    /// The servers of the controller.
    pub controller: CtrlerCluster,
    groups: Vec<Cluster<ShardService>>,
    clerk: Arc<Mutex<CtrlerClerk>>,
    /// Counts the clients, to number them.
    clients: AtomicUsize,
    history: Arc<History>,
}

impl ShardCluster {
    /// Starts everything on a reliable network. No group has joined yet. Servers of groups make snapshots
    /// when Raft's state exceeds `max_raft_state` bytes; never if there is no such limit.
    pub fn new(max_raft_state: Option<usize>, run: &Run) -> Self {
        let environment = Environment::new(Conditions::reliable(), run);
        let controller = Cluster::prepare(CtrlerService, 0..SERVERS, &environment);
        let groups: Vec<Cluster<ShardService>> = (0..GROUPS)
            .map(|group| {
                let gid = FIRST_GID + group as Gid;
                let service = ShardService { gid, max_raft_state };
                let first = first_number(gid);
                Cluster::prepare(service, first..first + SERVERS, &environment)
            })
            .collect();
        explain_failures(&controller, &groups);
        controller.start_all();
        groups.iter().for_each(Cluster::start_all);
        let clerk = Arc::new(Mutex::new(controller.clerk()));
        let history = Arc::new(History::new(environment.wire.clone()));
        let clients = AtomicUsize::new(0);
        let stuck = StuckCalls {
            clerk: clerk.clone(),
            wire: environment.wire.clone(),
            groups: groups.iter().map(|group| group.servers.clone()).collect(),
        };
        history.watch(move |call, last, before| stuck.explain(call, last, before));
        ShardCluster { environment, controller, groups, clerk, clients, history }
    }

    /// A new client.
    pub fn client(&self) -> Client {
        self.client_of(&self.controller)
    }

    /// A new client that asks this controller, which need not be the one that the groups ask.
    pub fn client_of(&self, controller: &CtrlerCluster) -> Client {
        let number = self.clients.fetch_add(1, Ordering::Relaxed);
        let name = client_name(number);
        let controllers = controller.ends(&name);
        let reach = Reach::new(self.environment.network.clone(), Vec::new());
        let clerk = Clerk::start(&self.environment, Role::ShardClerk, &name, controllers);
        let wire = self.environment.wire.clone();
        let groups = self.groups.iter().map(|group| Arc::downgrade(&group.servers));
        let groups: Vec<Weak<_>> = groups.collect();
        let places = move |value: &[u8]| {
            let groups = groups.iter().filter_map(Weak::upgrade);
            groups.map(|servers| servers.describe_place(value)).collect()
        };
        Client::new(number, clerk, reach, self.history.clone(), wire, Arc::new(places))
            .with_controller(self.clerk.clone())
    }

    /// Has groups join, in one step. Groups count from 0.
    pub fn join(&self, groups: &[usize]) {
        self.environment.journal.note(format!("the test has the groups {:?} join", gids(groups)));
        self.clerk.lock().join(&with_names(groups));
    }

    /// Has a group join with a list of servers, given by number, that need not be its own three.
    pub fn join_with(&self, group: usize, servers: &[usize]) {
        let gid = self.gid(group);
        self.environment
            .journal
            .note(format!("the test has group {gid} join with the servers {servers:?}"));
        let names = servers.iter().copied().map(server_name).collect();
        self.clerk.lock().join(&BTreeMap::from([(gid, names)]));
    }

    /// Starts another controller, which no group asks, and has groups join there. The
    /// test ends with [`ShardCluster::finish_beside`].
    pub fn other_controller(&self, groups: &[usize]) -> CtrlerCluster {
        let controller = Cluster::prepare(CtrlerService, SERVERS..2 * SERVERS, &self.environment);
        controller.start_all();
        controller.clerk().join(&with_names(groups));
        controller
    }

    /// The network, for tests that decide about single messages.
    pub fn network(&self) -> &Network {
        &self.environment.network
    }

    /// Has groups leave, in one step.
    pub fn leave(&self, groups: &[usize]) {
        self.environment.journal.note(format!("the test has the groups {:?} leave", gids(groups)));
        self.clerk.lock().leave(&gids(groups));
    }

    /// Has a group serve a shard.
    pub fn move_shard(&self, shard: usize, gid: Gid) {
        self.environment.journal.note(format!("the test moves shard {shard} to group {gid}"));
        self.clerk.lock().move_shard(shard, gid);
    }

    /// The latest configuration.
    pub fn config(&self) -> Config {
        self.clerk.lock().query(None)
    }

    /// One of the groups.
    pub fn group(&self, group: usize) -> &Cluster<ShardService> {
        &self.groups[group]
    }

    /// What the network calls a server of a group.
    pub fn name_of(&self, group: usize, server: usize) -> String {
        self.groups[group].servers.name(server)
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

    /// Lets the network deliver every message at once, or lose and delay some.
    pub fn set_reliable(&self, reliable: bool) {
        self.environment.set_reliable(reliable);
    }

    /// A whole number below `bound`, from the test's seed.
    pub fn draw(&self, bound: u64) -> u64 {
        self.environment.draw(bound)
    }

    /// Whether the test disturbs the servers now, where it always does; but not in a run in which it leaves nothing to
    /// chance.
    pub fn is_disturbed(&self) -> bool {
        self.environment.by_chance(1, 1)
    }

    /// Loses every reply to these clients. Their requests arrive.
    pub fn lose_replies_to(&self, clients: &[Client]) {
        let names: BTreeSet<String> =
            clients.iter().map(|client| client_name(client.number())).collect();
        self.environment.lose_replies_to(names);
    }

    /// Ends [`ShardCluster::lose_replies_to`].
    pub fn stop_losing_replies(&self) {
        self.environment.stop_losing_replies();
    }

    /// By group: the number of bytes on the disks of its servers.
    pub fn storage(&self) -> BTreeMap<Gid, usize> {
        let size = |group: &Cluster<ShardService>| {
            group.servers.slots.iter().map(|slot| slot.lock().disk.size()).sum()
        };
        self.groups.iter().map(|group| (group.servers.service.gid, size(group))).collect()
    }

    /// Fails if a server's log has not been trimmed although a snapshot was due, or if a server has made a
    /// snapshot without need.
    pub fn check_sizes(&self) {
        for group in &self.groups {
            let ShardService { gid, max_raft_state } = group.servers.service;
            let (seen, limit, what) = match max_raft_state {
                None => {
                    let size = group.largest_snapshot();
                    let seen = (size > 0).then(|| format!("the largest has {size} bytes"));
                    (seen, 0, "snapshot")
                }
                Some(max) => (group.uncut_state(8 * max), 8 * max, "Raft state"),
            };
            if let Some(seen) = seen {
                let expected =
                    format!("no server of group {gid} has a {what} of more than {limit} bytes");
                fail(Failure::new(Class::Assertion, expected, seen));
            }
        }
    }

    /// The oldest call that has not returned, with what is known of it; empty if there is none.
    pub fn open_calls(&self) -> String {
        self.history.describe_open_calls()
    }

    /// Ends the test: all servers are killed, the network stops, and the answers to the clients are checked.
    pub fn finish(&self) -> Summary {
        self.finish_with(&[&self.controller])
    }

    /// Ends a test with another controller.
    pub fn finish_beside(&self, other: &CtrlerCluster) -> Summary {
        self.finish_with(&[&self.controller, other])
    }

    fn finish_with(&self, controllers: &[&CtrlerCluster]) -> Summary {
        let work = Work::Operations(self.history.len() as u64);
        let summary = self.environment.summary(SERVERS * (1 + GROUPS), work);
        self.groups.iter().for_each(Cluster::ask_all_to_end);
        controllers.iter().for_each(|controller| controller.ask_all_to_end());
        await_ends();
        self.groups.iter().for_each(Cluster::end_all);
        controllers.iter().for_each(|controller| controller.end_all());
        self.environment.network.shutdown();
        self.history.check(&self.environment.journal);
        summary
    }
}

/// Shows the servers of all clusters when the test fails.
fn explain_failures(controller: &CtrlerCluster, groups: &[Cluster<ShardService>]) {
    let controllers = controller.servers.clone();
    let groups: Vec<_> = groups.iter().map(|group| group.servers.clone()).collect();
    let (their_controllers, their_groups) = (controllers.clone(), groups.clone());
    on_failure(move || {
        let mut rows = report::rows(&controllers);
        groups.iter().for_each(|group| rows.push_str(&report::rows(group)));
        report::explain(&rows, &controllers.journal)
    });
    threads_on_failure(move || {
        let mut threads = report::threads(&their_controllers);
        their_groups.iter().for_each(|group| threads.extend(report::threads(group)));
        threads
    });
}

/// Groups with the names of their servers, as a Join tells them.
fn with_names(groups: &[usize]) -> BTreeMap<Gid, Vec<String>> {
    let names = |gid| (first_number(gid)..).take(SERVERS).map(server_name).collect();
    gids(groups).into_iter().map(|gid| (gid, names(gid))).collect()
}

fn gids(groups: &[usize]) -> Vec<Gid> {
    groups.iter().map(|group| FIRST_GID + *group as Gid).collect()
}
