//! The clerk of the sharded store: a file of Lab 4B.

// HANDOUT 4B: // Until the stubs are filled in:
// HANDOUT 4B: #![allow(unused, clippy::allow_attributes)]

// BEGIN SOLUTION 4B
use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;
// END SOLUTION

use labrpc::ClientEnd;

// BEGIN SOLUTION 4B
use crate::ctrler::{self, Config, Gid, shard_of};
use crate::server::{Answer, Op, Reply, Request};
// END SOLUTION
use crate::setup::MakeEnd;

// BEGIN SOLUTION 4B
/// How long a clerk waits before it tries again.
const PAUSE: Duration = Duration::from_millis(30);
// END SOLUTION

/// A client of the store. It makes one call at a time.
pub struct Clerk {
    make_end: MakeEnd,
    // HANDOUT 4B: controllers: Vec<ClientEnd>,
    // BEGIN SOLUTION 4B
    controller: ctrler::Clerk,
    /// The latest configuration that it knows.
    config: Config,
    ends: BTreeMap<String, ClientEnd>,
    /// By group: the server that seems to lead it.
    leaders: BTreeMap<Gid, usize>,
    client: u64,
    /// The number of the last request.
    number: u64,
    // END SOLUTION
}

impl Clerk {
    /// A clerk that reaches the controller by these ends, in no particular order, and makes ends to the
    /// servers of groups when it needs them.
    pub fn new(controllers: Vec<ClientEnd>, make_end: MakeEnd) -> Clerk {
        // BEGIN SOLUTION 4B: give the clerk an identity, and a clerk of the controller
        Clerk {
            make_end,
            controller: ctrler::Clerk::new(controllers),
            config: Config::default(),
            ends: BTreeMap::new(),
            leaders: BTreeMap::new(),
            client: rand::random(),
            number: 0,
        }
        // END SOLUTION
    }

    /// The value of a key; empty if there is none. Tries until it succeeds.
    pub fn get(&mut self, key: &str) -> String {
        // BEGIN SOLUTION 4B: ask the group that has the key
        self.operate(key, Op::Get)
        // END SOLUTION
    }

    /// Sets the value of a key. Tries until it succeeds; it happens once all the same.
    pub fn put(&mut self, key: &str, value: &str) {
        // BEGIN SOLUTION 4B: ask the group that has the key
        self.operate(key, Op::Put { value: value.to_owned() });
        // END SOLUTION
    }

    /// Adds to the end of the value of a key, which is empty if there is none. Tries until it succeeds; it
    /// happens once all the same.
    pub fn append(&mut self, key: &str, value: &str) {
        // BEGIN SOLUTION 4B: ask the group that has the key
        self.operate(key, Op::Append { value: value.to_owned() });
        // END SOLUTION
    }
    // BEGIN SOLUTION 4B

    fn operate(&mut self, key: &str, op: Op) -> String {
        self.number += 1;
        let request = Request { client: self.client, number: self.number, key: key.to_owned(), op };
        loop {
            let gid = self.config.shards[shard_of(key)];
            match self.ask_group(gid, &request) {
                Some(Answer::Done(value)) => return value,
                Some(Answer::NotYet) => thread::sleep(PAUSE),
                Some(Answer::Elsewhere) | None => {
                    let known = self.config.number;
                    self.config = self.controller.query(None);
                    if self.config.number == known {
                        thread::sleep(PAUSE);
                    }
                }
            }
        }
    }

    /// Asks the servers of a group, the leader first. `None` if none of them could help.
    fn ask_group(&mut self, gid: Gid, request: &Request) -> Option<Answer> {
        let names = self.config.groups.get(&gid).filter(|names| !names.is_empty())?;
        let leader = self.leaders.entry(gid).or_default();
        // A message that was lost says nothing against the leader: it has a second chance.
        for _ in 0..=names.len() {
            let name = &names[*leader % names.len()];
            let end = self.ends.entry(name.clone()).or_insert_with(|| (self.make_end)(name));
            let reply: Option<Reply> = end.call("ShardServer.Operate", request);
            match reply.and_then(|reply| reply.answer) {
                None => *leader = (*leader + 1) % names.len(),
                answer => return answer,
            }
        }
        None
    }
    // END SOLUTION
}
