//! A cluster of key/value servers, and its clients.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kvraft::{Clerk, KvServer};
use labrpc::{ClientEnd, Conditions, Server};
use raft::Raft;

use super::Cluster;
use super::client::{Client, Reach, Store, client_name};
use super::history::History;
use super::service::{Life, Service};
use super::shared::{Shared, server_name};
use crate::case::{Run, Summary, Work};
use crate::runner::{Class, Failure, fail};

/// A cluster of key/value servers. Calls to the dead take up to 100 ms to fail.
pub type KvCluster = Cluster<KvService>;

/// The service of Lab 3.
pub struct KvService {
    max_raft_state: Option<usize>,
    clients: AtomicUsize,
    history: Arc<History>,
}

impl KvCluster {
    /// Starts `size` servers on a reliable network. They make snapshots when Raft's state exceeds
    /// `max_raft_state` bytes; never if there is no such limit.
    pub fn new(size: usize, max_raft_state: Option<usize>, run: &Run) -> Self {
        let service = KvService {
            max_raft_state,
            clients: AtomicUsize::new(0),
            history: Arc::new(History::new()),
        };
        Cluster::launch(service, size, Conditions::reliable(), run)
    }

    /// A new client that reaches all servers, whatever partitions there are between them.
    pub fn client(&self) -> Client {
        self.client_of(&(0..self.size()).collect::<Vec<_>>())
    }

    /// A new client that reaches some servers only.
    pub fn client_of(&self, servers: &[usize]) -> Client {
        let number = self.shared.service.clients.fetch_add(1, Ordering::Relaxed);
        let network = self.network().clone();
        let mut order: Vec<usize> = (0..self.size()).collect();
        // No server is the first that everybody asks.
        for at in (1..order.len()).rev() {
            order.swap(at, self.draw(at as u64 + 1) as usize);
        }
        let name = client_name(number);
        let ends: Vec<(usize, ClientEnd)> = order
            .into_iter()
            .map(|server| (server, network.make_end(&name, &server_name(server))))
            .collect();
        let reach =
            Reach::new(network, ends.iter().map(|(server, end)| (*server, end.id())).collect());
        reach.set(servers);
        let clerk = Clerk::new(ends.into_iter().map(|(_, end)| end).collect());
        Client::new(number, Box::new(clerk), reach, self.shared.service.history.clone())
    }

    /// A server that claims to lead; the first one if several do, and server 0 if none does.
    pub fn leader(&self) -> usize {
        let leads = |server: &usize| self.get_state(*server).is_some_and(|(_, leads)| leads);
        (0..self.size()).find(leads).unwrap_or(0)
    }

    /// Loses every reply to a client. The requests arrive.
    pub fn lose_replies_to(&self, client: usize) {
        self.ground.lose_replies_to(BTreeSet::from([client_name(client)]));
    }

    /// Loses no more replies than the network does by itself.
    pub fn lose_no_replies(&self) {
        self.ground.lose_no_replies();
    }

    /// Fails unless every server's log is cut in time, and no server makes snapshots if none are due.
    pub fn check_sizes(&self) {
        let Some(max) = self.shared.service.max_raft_state else {
            let size = self.largest_snapshot();
            if size > 0 {
                fail(Failure::new(
                    Class::Assertion,
                    "no server makes a snapshot: there is no limit to Raft's state".to_owned(),
                    format!("one has a snapshot of {size} bytes"),
                ));
            }
            return;
        };
        let (size, limit) = (self.largest_state(), 8 * max);
        if size > limit {
            fail(Failure::new(
                Class::Assertion,
                format!("no server's Raft state exceeds {limit} bytes: a snapshot is due at {max}"),
                format!("one is {size} bytes long"),
            ));
        }
    }

    /// The number of calls that clients have made.
    pub fn operations(&self) -> usize {
        self.shared.service.history.len()
    }

    /// Ends the test: all servers are killed, the network stops, and what the clients were answered is
    /// checked.
    pub fn finish(&self) -> Summary {
        let summary = self.stop(Work::Operations(self.operations() as u64));
        self.shared.service.history.check(&self.shared.journal);
        summary
    }
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

impl Service for KvService {
    type Server = Arc<KvServer>;

    fn start(shared: &Arc<Shared<Self>>, life: Life) -> Result<Arc<KvServer>, Failure> {
        let Life { server, ends, persister, .. } = life;
        let max_raft_state = shared.service.max_raft_state;
        let start = || KvServer::start(ends, server, persister, max_raft_state);
        Ok(shared.probe.call(server, "KvServer::start", start))
    }

    fn raft(server: &Arc<KvServer>) -> &Arc<Raft> {
        server.raft()
    }

    fn handlers(server: &Arc<KvServer>) -> Server {
        Server::new().with(server.rpc_service()).with(server.raft().rpc_service())
    }

    fn kill(shared: &Shared<Self>, number: usize, server: &Arc<KvServer>) {
        shared.probe.call(number, "KvServer::kill", || server.kill());
    }
}
