//! Clients of a store, whichever store it is.

use std::sync::Arc;

use labrpc::{EndId, Network};
use linearizability::kv::Action;

use super::history::History;

/// A clerk of some lab.
pub(crate) trait Store: Send {
    fn get(&mut self, key: &str) -> String;
    fn put(&mut self, key: &str, value: &str);
    fn append(&mut self, key: &str, value: &str);
}

/// A client of a store. What it asks and is answered goes into the history of the test.
pub struct Client {
    number: usize,
    clerk: Box<dyn Store>,
    reach: Reach,
    history: Arc<History>,
}

/// Says which servers a client reaches, while the client itself may be busy.
#[derive(Clone)]
pub struct Reach {
    network: Network,
    /// By server.
    ends: Vec<(usize, EndId)>,
}

/// What a client is called on the network.
pub(crate) fn client_name(client: usize) -> String {
    format!("client-{client}")
}

impl Reach {
    pub(crate) fn new(network: Network, ends: Vec<(usize, EndId)>) -> Self {
        Reach { network, ends }
    }

    /// Lets the client reach these servers and no others.
    pub fn set(&self, servers: &[usize]) {
        for (server, end) in &self.ends {
            self.network.enable(*end, servers.contains(server));
        }
    }
}

impl Client {
    pub(crate) fn new(
        number: usize,
        clerk: Box<dyn Store>,
        reach: Reach,
        history: Arc<History>,
    ) -> Self {
        Client { number, clerk, reach, history }
    }

    /// What it is called in the history and on the network.
    pub fn number(&self) -> usize {
        self.number
    }

    /// A handle by which to change whom it reaches.
    pub fn reach(&self) -> Reach {
        self.reach.clone()
    }

    /// Reads a key.
    pub fn get(&mut self, key: &str) -> String {
        let call = self.history.begin(self.number, key, Action::Get { value: None });
        let value = self.clerk.get(key);
        self.history.end(call, &value);
        value
    }

    /// Sets a key.
    pub fn put(&mut self, key: &str, value: &str) {
        let action = Action::Put { value: value.to_owned() };
        let call = self.history.begin(self.number, key, action);
        self.clerk.put(key, value);
        self.history.end(call, "");
    }

    /// Adds to the value of a key.
    pub fn append(&mut self, key: &str, value: &str) {
        let action = Action::Append { value: value.to_owned() };
        let call = self.history.begin(self.number, key, action);
        self.clerk.append(key, value);
        self.history.end(call, "");
    }
}
