//! Clerks: each runs in a process of its own, and what it answers is a claim.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use labrpc::EndId;
use parking_lot::Mutex;
use protocol::{Answer, Config, FromNode, Gid, Life, Machine, Operation, Role, Term};

use super::environment::Environment;
use super::wire::Wire;
use crate::nodes::{Node, Owner, Start, broken_protocol};
use crate::runner::{Failure, Happening, record};

/// A clerk of the submission. Its process ends when this is dropped.
pub(crate) struct Clerk {
    node: Arc<Node>,
    /// What the network calls it.
    name: String,
    /// How many calls have begun.
    calls: AtomicU64,
    wire: Arc<Mutex<Wire>>,
}

impl Clerk {
    /// Starts a clerk that reports and the network call `name`. `servers` are those that it knows, with ends
    /// to them.
    pub(crate) fn start(
        environment: &Environment,
        role: Role,
        name: &str,
        servers: Vec<(String, EndId)>,
    ) -> Self {
        let number = environment.count_clerk();
        let (names, ends) = servers.into_iter().unzip();
        let life = Life {
            role,
            me: 0,
            members: None,
            ends: names,
            controllers: Vec::new(),
            state: Vec::new(),
            snapshot: Vec::new(),
            clock: environment.clock_of(name, &format!("clerk {number}")),
            machine: Machine::default(),
        };
        let label = name.replace('-', " ");
        let start = Start { label, name: name.to_owned(), ends, life };
        let node = Node::start(&environment.network, start, Box::new(NoOwner));
        node.await_start();
        let wire = environment.wire.clone();
        Clerk { node, name: name.to_owned(), calls: AtomicU64::new(0), wire }
    }

    /// Has it do something on keys, and returns the value that it says.
    pub(crate) fn operate(&self, operation: Operation) -> String {
        match self.call(operation) {
            Some(Answer::Value(value)) => value,
            other => self.misunderstood(other),
        }
    }

    /// Has it do something on the controller, and returns the configuration that it says.
    pub(crate) fn configure(&self, operation: Operation) -> Config {
        match self.call(operation) {
            Some(Answer::Config(config)) => config,
            other => self.misunderstood(other),
        }
    }

    fn call(&self, operation: Operation) -> Option<Answer> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let client = || self.name.clone();
        record(|| Happening::Call {
            client: client(),
            number,
            operation: format!("{operation:?}"),
        });
        self.wire.lock().begin_call(&self.name);
        let answer = self.node.operate(operation);
        record(|| Happening::Return {
            client: client(),
            number,
            value: match &answer {
                Some(Answer::Value(value)) => format!("{value:?}"),
                Some(Answer::Config(config)) => format!("{config:?}"),
                _ => String::new(),
            },
        });
        answer
    }

    fn misunderstood(&self, answer: Option<Answer>) -> ! {
        self.node.break_protocol(&format!("a clerk has answered {answer:?}"))
    }
}

impl Drop for Clerk {
    fn drop(&mut self) {
        self.node.kill();
    }
}

/// A clerk saves nothing and applies nothing.
struct NoOwner;

impl Owner for NoOwner {
    fn take(&self, _message: FromNode) -> Result<(), Failure> {
        Err(no_server())
    }

    fn describe_life(&self) -> String {
        String::new()
    }

    fn observe(&self, _state: (Term, bool), _since: Instant) -> Result<(), Failure> {
        Err(no_server())
    }
}

fn no_server() -> Failure {
    broken_protocol("a clerk", "it has told what only servers tell")
}

/// A clerk of the controller.
pub struct CtrlerClerk(pub(crate) Clerk);

impl CtrlerClerk {
    /// Adds groups, each with the names of its servers.
    pub fn join(&self, groups: &BTreeMap<Gid, Vec<String>>) {
        self.0.configure(Operation::Join { groups: groups.clone() });
    }

    /// Removes groups.
    pub fn leave(&self, gids: &[Gid]) {
        self.0.configure(Operation::Leave { gids: gids.to_vec() });
    }

    /// Gives a shard to a group, until the next change of the groups.
    pub fn move_shard(&self, shard: usize, gid: Gid) {
        self.0.configure(Operation::Move { shard, gid });
    }

    /// The configuration with this number; the latest one if there is none with it.
    pub fn query(&self, number: Option<u64>) -> Config {
        self.0.configure(Operation::Query { number })
    }
}
