//! The clerk of the sharded store: a file that students write in Lab 4B.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use labrpc::ClientEnd;

use crate::ctrler::{self, Config, Gid, shard_of};
use crate::server::{Op, Reply, Request};
use crate::setup::MakeEnd;

/// How long a clerk rests before it asks the controller again: a shard may be on its way, or a group without
/// a leader.
const PAUSE: Duration = Duration::from_millis(30);

/// A client of the store. It makes one call at a time.
pub struct Clerk {
    make_end: MakeEnd,
    controller: ctrler::Clerk,
    /// The latest configuration that it knows.
    config: Config,
    /// The servers of the groups that it has asked in this configuration. The first of each seems to lead.
    ends: BTreeMap<Gid, Vec<ClientEnd>>,
    /// Tells this clerk apart from all others.
    client: u64,
    /// The number of the last request.
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
            client: rand::random(),
            number: 0,
        }
    }

    /// The value of a key; empty if the key has none. Tries until it succeeds.
    pub fn get(&mut self, key: &str) -> String {
        self.operate(key, Op::Get)
    }

    /// Sets the value of a key. Tries until it succeeds, and takes effect exactly once.
    pub fn put(&mut self, key: &str, value: &str) {
        self.operate(key, Op::Put(value.to_owned()));
    }

    /// Appends to the value of a key, which is empty if the key has none. Tries until it succeeds, and
    /// takes effect exactly once.
    pub fn append(&mut self, key: &str, value: &str) {
        self.operate(key, Op::Append(value.to_owned()));
    }

    fn operate(&mut self, key: &str, op: Op) -> String {
        self.number += 1;
        let request = Request { client: self.client, number: self.number, key: key.to_owned(), op };
        if self.config.number == 0 {
            self.ask_controller();
        }
        loop {
            if let Some(value) = self.ask_group(&request) {
                return value;
            }
            thread::sleep(PAUSE);
            self.ask_controller();
        }
    }

    fn ask_controller(&mut self) {
        let config = self.controller.query(None);
        if config.number != self.config.number {
            self.config = config;
            self.ends.clear();
        }
    }

    /// Asks each server of the group that has the key, unless one says that it is another group's.
    fn ask_group(&mut self, request: &Request) -> Option<String> {
        let gid = self.config.shards[shard_of(&request.key)];
        let names = self.config.groups.get(&gid)?;
        let make_ends = || names.iter().map(|name| (self.make_end)(name)).collect();
        let ends = self.ends.entry(gid).or_insert_with(make_ends);
        for _ in 0..ends.len() {
            match ends[0].call("ShardServer.Operate", request) {
                Some(Reply::Done(value)) => return Some(value),
                Some(Reply::WrongGroup) => return None,
                Some(Reply::NotLeader) | None => ends.rotate_left(1),
            }
        }
        None
    }
}
