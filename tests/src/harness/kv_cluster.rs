//! A cluster of key/value servers, and its clients.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use labrpc::{Conditions, EndId};
use protocol::Role;

use super::Cluster;
use super::clerk::Clerk;
use super::client::{Client, Reach, client_name};
use super::environment::Environment;
use super::exchanges::Exchanges;
use super::history::{History, OpenCall};
use super::names::server_name;
use super::servers::Servers;
use super::service::Service;
use crate::case::{Run, Summary, Work};
use crate::runner::{Class, Failure, fail};

/// A cluster of key/value servers. Calls to servers that are down take up to 100 ms to fail.
pub type KvCluster = Cluster<KvService>;

/// How often a leader answers a call that goes on, if that is worth saying.
const AGAIN_AND_AGAIN: u64 = 3;

/// The service of Lab 3.
pub struct KvService {
    max_raft_state: Option<usize>,
    /// Counts the clients, to number them.
    clients: AtomicUsize,
    history: Arc<History>,
}

/// How many servers are there, who leads them, and what the client of a call has sent each of them lately.
fn explain_call(servers: &Servers<KvService>, call: &OpenCall, before: &Exchanges) -> String {
    let (size, present) = (servers.slots.len(), servers.present());
    let leader = match servers.leader() {
        Some((number, leadership)) => format!("server {number} has led {}", leadership.describe()),
        None => "no connected server leads".to_owned(),
    };
    let client = client_name(call.client);
    let label = |name: &str| name.replace('-', " ");
    let new = servers.wire().exchanges().since(before, |name| Some(label(name)));
    let own = || new.iter().filter(|exchange| exchange.from == label(&client));
    let sent: Vec<String> =
        own().map(|exchange| format!("{} {}", exchange.to, exchange.requests())).collect();
    let sent = if sent.is_empty() { "nothing".to_owned() } else { sent.join(", ") };
    let by_leader = servers.leader().and_then(|(number, _)| {
        let answers = own().find(|exchange| exchange.to == label(&server_name(number)))?.answered();
        (answers >= AGAIN_AND_AGAIN).then(|| {
            format!(
                "; the leader has answered it {answers} times, and it goes on asking: what does the leader answer to a request \
                 that was carried out before?"
            )
        })
    });
    format!(
        "; {present} of {size} servers are up and connected, and {leader}; in the last 10 s the client has sent {sent}{}",
        by_leader.unwrap_or_default()
    )
}

impl KvCluster {
    /// Starts `size` servers on a reliable network. They make snapshots when Raft's state exceeds
    /// `max_raft_state` bytes; never if there is no such limit.
    pub fn new(size: usize, max_raft_state: Option<usize>, run: &Run) -> Self {
        let environment = Environment::new(Conditions::reliable(), run);
        let history = Arc::new(History::new(environment.wire.clone()));
        let service =
            KvService { max_raft_state, clients: AtomicUsize::new(0), history: history.clone() };
        let cluster = Cluster::launch(service, size, &environment);
        // The servers own the history.
        let servers = Arc::downgrade(&cluster.servers);
        history.watch(move |call, _, before| {
            let servers = servers.upgrade();
            servers.map_or_else(String::new, |servers| explain_call(&servers, call, before))
        });
        cluster
    }

    /// A new client. It reaches all servers, whatever partitions there are between them.
    pub fn client(&self) -> Client {
        self.client_of(&(0..self.size()).collect::<Vec<_>>())
    }

    /// A new client that reaches these servers and no others.
    pub fn client_of(&self, servers: &[usize]) -> Client {
        let mut order: Vec<usize> = (0..self.size()).collect();
        // Clients do not all ask the same server first.
        for at in (1..order.len()).rev() {
            order.swap(at, self.draw(at as u64 + 1) as usize);
        }
        self.client_with(order, servers)
    }

    /// A new client that reaches only this server, which is the first that it was told of.
    pub fn client_at(&self, server: usize) -> Client {
        let others = (0..self.size()).filter(|other| *other != server);
        self.client_with([server].into_iter().chain(others).collect(), &[server])
    }

    fn client_with(&self, order: Vec<usize>, servers: &[usize]) -> Client {
        let number = self.servers.service.clients.fetch_add(1, Ordering::Relaxed);
        let network = self.network().clone();
        let name = client_name(number);
        let ends: Vec<(usize, EndId)> = order
            .into_iter()
            .map(|server| (server, network.make_end(&name, &server_name(server)).id()))
            .collect();
        let reach = Reach::new(network, ends.clone());
        reach.set(servers);
        let known = ends.into_iter().map(|(server, end)| (server_name(server), end)).collect();
        let clerk = Clerk::start(&self.environment, Role::KvClerk, &name, known);
        let wire = self.environment.wire.clone();
        let servers = Arc::downgrade(&self.servers);
        let places = move |value: &[u8]| {
            servers.upgrade().map_or_else(String::new, |servers| servers.describe_place(value))
        };
        let history = self.servers.service.history.clone();
        Client::new(number, clerk, reach, history, wire, Arc::new(places))
    }

    /// The first server that says that it is the leader; server 0 if none does.
    pub fn leader(&self) -> usize {
        let leads = |server: &usize| self.get_state(*server).is_some_and(|(_, leads)| leads);
        (0..self.size()).find(leads).unwrap_or(0)
    }

    /// Loses every reply to a client. Its requests arrive.
    pub fn lose_replies_to(&self, client: usize) {
        self.environment.lose_replies_to(BTreeSet::from([client_name(client)]));
    }

    /// Ends [`KvCluster::lose_replies_to`].
    pub fn stop_losing_replies(&self) {
        self.environment.stop_losing_replies();
    }

    /// Fails if a server's log has not been trimmed although a snapshot was due, or if a server has made a
    /// snapshot without need.
    pub fn check_sizes(&self) {
        self.check_sizes_after("");
    }

    /// The same. `what` has just filled the logs, to follow a sentence; it may be empty.
    pub fn check_sizes_after(&self, what: &str) {
        let Some(max) = self.servers.service.max_raft_state else {
            let size = self.largest_snapshot();
            if size > 0 {
                fail(Failure::new(
                    Class::Assertion,
                    "no server makes a snapshot, because Raft's state has no limit".to_owned(),
                    format!("the largest snapshot has {size} bytes"),
                ));
            }
            return;
        };
        let limit = 8 * max;
        if let Some(seen) = self.uncut_state(limit) {
            let expected = format!(
                "no server's Raft state exceeds {limit} bytes: a snapshot is due at {max}{what}"
            );
            fail(Failure::new(Class::Assertion, expected, seen));
        }
    }

    /// The number of calls that clients have made.
    pub fn operations(&self) -> usize {
        self.servers.service.history.len()
    }

    /// The oldest call that has not returned, with what is known of it; empty if there is none.
    pub fn open_calls(&self) -> String {
        self.servers.service.history.describe_open_calls()
    }

    /// Ends the test: all servers are killed, the network stops, and the answers to the clients are checked.
    pub fn finish(&self) -> Summary {
        let summary = self.stop(Work::Operations(self.operations() as u64));
        self.servers.service.history.check(&self.environment.journal);
        summary
    }
}

impl Service for KvService {
    const START: &'static str = "KvServer::start";
    const KILL: &'static str = "KvServer::kill";

    fn role(&self, _server: usize) -> Role {
        Role::KvServer { max_raft_state: self.max_raft_state }
    }

    fn abandon(&self) {
        self.history.abandon();
    }
}
