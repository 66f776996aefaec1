//! The clerk of the sharded store: a file that students write in Lab 4B.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use labrpc::ClientEnd;

use crate::ctrler::{self, Config, Gid, shard_of};
use crate::server::{Answer, Op, Operation, Reply, Request};
use crate::setup::MakeEnd;

/// How long a clerk rests before it tries again.
const PAUSE: Duration = Duration::from_millis(30);

/// A client of the store. It makes one call at a time.
pub struct Clerk {
    make_end: MakeEnd,
    // 4B: who this clerk is, and what it knows about the groups
    controller: ctrler::Clerk,
    /// The latest configuration that it knows.
    config: Config,
    ends: BTreeMap<String, ClientEnd>,
    /// By group: the server that seems to lead it.
    leaders: BTreeMap<Gid, usize>,
    client: u64,
    /// The number of the last operation.
    number: u64,
}

impl Clerk {
    /// A clerk that reaches the controller through these ends, in no particular order, and makes ends to
    /// the servers of groups when it needs them.
    // 4B: give the clerk an identity, and a clerk of the controller
    pub fn new(controllers: Vec<ClientEnd>, make_end: MakeEnd) -> Clerk {
        Clerk {
            make_end,
            controller: ctrler::Clerk::new(controllers),
            config: Config::default(),
            ends: BTreeMap::new(),
            leaders: BTreeMap::new(),
            client: rand::random(),
            number: 0,
        }
    }

    /// The value of a key; empty if the key has none. Tries until it succeeds.
    // 4B: ask the group that has the key
    pub fn get(&mut self, key: &str) -> String {
        self.operate(key, Op::Get)
    }

    /// Sets the value of a key. Tries until it succeeds, and takes effect exactly once.
    // 4B: ask the group that has the key
    pub fn put(&mut self, key: &str, value: &str) {
        self.operate(key, Op::Put { value: value.to_owned() });
    }

    /// Appends to the value of a key, which is empty if the key has none. Tries until it succeeds, and
    /// takes effect exactly once.
    // 4B: ask the group that has the key
    pub fn append(&mut self, key: &str, value: &str) {
        self.operate(key, Op::Append { value: value.to_owned() });
    }

    fn operate(&mut self, key: &str, op: Op) -> String {
        self.number += 1;
        let (client, number) = (self.client, self.number);
        let operation = Operation { client, number, key: key.to_owned(), op };
        let request = Request { operation };
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
        // A lost message does not mean that the leader has changed: it gets a second chance.
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
}
