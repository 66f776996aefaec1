//! The clerk of the sharded store: a file that students write in Lab 4B.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use labrpc::ClientEnd;
use rand::Rng;

use crate::ctrler::{self, Config, Gid, shard_of};
use crate::server::{Operation, Reply, Request};
use crate::setup::MakeEnd;

/// A client of the store. It makes one call at a time.
pub struct Clerk {
    make_end: MakeEnd,
    controller: ctrler::Clerk,
    config: Config,
    ends: BTreeMap<String, ClientEnd>,
    /// By group: the place of the server that answered last.
    leaders: BTreeMap<Gid, usize>,
    id: u64,
    number: u64,
}

impl Clerk {
    /// A clerk that reaches the controller through these ends, in no particular order, and makes ends to
    /// the servers of groups when it needs them.
    pub fn new(controllers: Vec<ClientEnd>, make_end: MakeEnd) -> Clerk {
        Clerk {
            make_end,
            controller: ctrler::Clerk::new(controllers),
            config: Config::default(),
            ends: BTreeMap::new(),
            leaders: BTreeMap::new(),
            // Smaller numbers are tickets of the groups themselves.
            id: rand::rng().random_range(1 << 32..u64::MAX),
            number: 0,
        }
    }

    /// The value of a key; empty if the key has none. Tries until it succeeds.
    pub fn get(&mut self, key: &str) -> String {
        self.request(key, Operation::Get)
    }

    /// Sets the value of a key. Tries until it succeeds, and takes effect exactly once.
    pub fn put(&mut self, key: &str, value: &str) {
        self.request(key, Operation::Put(value.to_owned()));
    }

    /// Appends to the value of a key, which is empty if the key has none. Tries until it succeeds, and
    /// takes effect exactly once.
    pub fn append(&mut self, key: &str, value: &str) {
        self.request(key, Operation::Append(value.to_owned()));
    }

    fn request(&mut self, key: &str, operation: Operation) -> String {
        self.number += 1;
        let request =
            Request { clerk: self.id, number: self.number, key: key.to_owned(), operation };
        loop {
            if let Some(value) = self.ask_group(&request) {
                return value;
            }
            thread::sleep(Duration::from_millis(25));
            self.config = self.controller.query(None);
        }
    }

    /// Asks each server of the group once at most.
    fn ask_group(&mut self, request: &Request) -> Option<String> {
        let gid = self.config.shards[shard_of(&request.key)];
        let names = self.config.groups.get(&gid)?;
        let leader = self.leaders.entry(gid).or_default();
        for _ in 0..names.len() {
            let name = &names[*leader % names.len()];
            let end = self.ends.entry(name.clone()).or_insert_with(|| (self.make_end)(name));
            match end.call("ShardServer.Operate", request) {
                Some(Reply::Done(value)) => return Some(value),
                Some(Reply::Elsewhere) => return None,
                Some(Reply::Refused) | None => *leader = (*leader + 1) % names.len(),
            }
        }
        None
    }
}
