//! Clients of a key/value store, sharded or not.

use std::sync::Arc;
use std::time::Duration;

use labrpc::{EndId, Network};
use linearizability::kv::Action;
use parking_lot::Mutex;
use protocol::Operation;

use super::clerk::{Clerk, CtrlerClerk};
use super::history::History;
use super::shard_owner::explain_owner;
use super::wire::Wire;

/// A client of a store. Its calls and their answers go into the history of the test.
pub struct Client {
    number: usize,
    clerk: Clerk,
    reach: Reach,
    history: Arc<History>,
    wire: Arc<Mutex<Wire>>,
    places: Places,
    /// Asks the controller of a sharded store.
    controller: Option<Arc<Mutex<CtrlerClerk>>>,
}

/// Says on which servers' disks a value is, to follow a sentence.
pub(crate) type Places = Arc<dyn Fn(&[u8]) -> String + Send + Sync>;

/// Sets which servers a client reaches, even while the client is in a call.
#[derive(Clone)]
pub struct Reach {
    network: Network,
    /// An end to each server.
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
        clerk: Clerk,
        reach: Reach,
        history: Arc<History>,
        wire: Arc<Mutex<Wire>>,
        places: Places,
    ) -> Self {
        Client { number, clerk, reach, history, wire, places, controller: None }
    }

    /// A client of a sharded store, whose controller this clerk asks.
    pub(crate) fn with_controller(self, clerk: Arc<Mutex<CtrlerClerk>>) -> Self {
        Client { controller: Some(clerk), ..self }
    }

    /// Its number in the history, and in its name on the network.
    pub fn number(&self) -> usize {
        self.number
    }

    /// What it is called on the network.
    pub fn name(&self) -> String {
        client_name(self.number)
    }

    /// A handle that changes which servers it reaches.
    pub fn reach(&self) -> Reach {
        self.reach.clone()
    }

    /// The name of the server whose reply has arrived last; `None` before the first.
    pub fn answerer(&self) -> Option<String> {
        self.wire.lock().last_answer_to(&self.name())
    }

    /// The name of the server that has acknowledged a value that a client wrote to a key, and how long ago.
    pub fn acknowledgement(&self, key: &str, value: &str) -> Option<(String, Duration)> {
        self.history.acknowledgement(key, value)
    }

    /// The name of the server that last answered a client's Get of a key with such a value, and how long ago.
    pub fn reading(&self, key: &str, is_such: impl Fn(&str) -> bool) -> Option<(String, Duration)> {
        self.history.reading(key, is_such)
    }

    /// The shard of a key, and which group has it now; `None` if the store is not sharded.
    pub fn explain_owner(&self, key: &str) -> Option<String> {
        self.controller.as_ref().map(|clerk| explain_owner(clerk, key))
    }

    /// How long ago the server whose reply has arrived last started again; `None` if it is in its first life.
    pub fn answerer_restarted(&self) -> Option<Duration> {
        let wire = self.wire.lock();
        let server = wire.last_answer_to(&self.name())?;
        wire.restarted(&server).map(|began| began.elapsed())
    }

    /// After a semicolon: how often clerks have sent a value, and whether that was always the same request; empty if it was
    /// sent once.
    pub fn repeats(&self, value: &str) -> String {
        self.wire.lock().arrivals().repeats(value)
    }

    /// After a semicolon: that no server has sent a client's value to another, although they have sent one of the others;
    /// empty if that cannot be told.
    pub fn describe_unreplicated(&self, value: &str, others: &[&str]) -> &'static str {
        self.wire.lock().arrivals().describe_unreplicated(value, others)
    }

    /// The server that the last call had reached before another one answered it, and how long ago, if no reply came from
    /// there.
    pub fn lost_attempt(&self) -> Option<(String, Duration)> {
        let wire = self.wire.lock();
        wire.lost_attempt(&self.name()).map(|(server, at)| (server.to_owned(), at.elapsed()))
    }

    /// After semicolons: whose disks hold a value, and whose did until a new snapshot was saved; empty if none is known to.
    pub fn describe_place(&self, value: &str) -> String {
        (self.places)(value.as_bytes())
    }

    /// Reads a key.
    pub fn get(&mut self, key: &str) -> String {
        let call = self.history.begin(self.number, key, Action::Get { value: None });
        let value = self.clerk.operate(Operation::Get { key: key.to_owned() });
        self.history.end(call, &value, self.answerer());
        value
    }

    /// Sets a key.
    pub fn put(&mut self, key: &str, value: &str) {
        let action = Action::Put { value: value.to_owned() };
        let call = self.history.begin(self.number, key, action);
        let (key, value) = (key.to_owned(), value.to_owned());
        self.clerk.operate(Operation::Put { key, value });
        self.history.end(call, "", self.answerer());
    }

    /// Adds to the value of a key.
    pub fn append(&mut self, key: &str, value: &str) {
        let action = Action::Append { value: value.to_owned() };
        let call = self.history.begin(self.number, key, action);
        let (key, value) = (key.to_owned(), value.to_owned());
        self.clerk.operate(Operation::Append { key, value });
        self.history.end(call, "", self.answerer());
    }
}
