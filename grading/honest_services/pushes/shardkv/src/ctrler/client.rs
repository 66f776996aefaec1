//! The clerk of the controller: a file that students write in Lab 4A.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use labrpc::ClientEnd;

use super::config::{Config, Gid};
use super::server::{Op, Reply, Request};

/// How long a clerk rests after all servers have refused.
const PAUSE: Duration = Duration::from_millis(30);

/// A client of the controller. It makes one call at a time.
pub struct Clerk {
    servers: Vec<ClientEnd>,
    /// The server that seems to lead.
    leader: usize,
    /// Tells this clerk apart from all others.
    client: u64,
    /// The number of the last request.
    number: u64,
}

impl Clerk {
    /// A clerk that reaches the servers through these ends, in no particular order.
    pub fn new(servers: Vec<ClientEnd>) -> Clerk {
        Clerk { servers, leader: 0, client: rand::random(), number: 0 }
    }

    /// Adds groups, each with the names of its servers. Tries until it succeeds.
    pub fn join(&mut self, groups: &BTreeMap<Gid, Vec<String>>) {
        self.operate(Op::Join(groups.clone()));
    }

    /// Removes groups. Tries until it succeeds.
    pub fn leave(&mut self, gids: &[Gid]) {
        self.operate(Op::Leave(gids.to_vec()));
    }

    /// Gives a shard to a group, until the next Join or Leave. Tries until it succeeds.
    pub fn move_shard(&mut self, shard: usize, gid: Gid) {
        self.operate(Op::Move { shard, gid });
    }

    /// The configuration with this number. The latest one if `number` is `None`, or if no configuration
    /// has that number yet. Tries until it succeeds.
    pub fn query(&mut self, number: Option<u64>) -> Config {
        self.operate(Op::Query(number))
    }

    /// The same, but asks each server only once: for those who cannot wait until there is a leader.
    pub(crate) fn try_query(&mut self, number: Option<u64>) -> Option<Config> {
        let request = self.request(Op::Query(number));
        self.ask_all(&request)
    }

    fn operate(&mut self, op: Op) -> Config {
        let request = self.request(op);
        loop {
            if let Some(config) = self.ask_all(&request) {
                return config;
            }
            thread::sleep(PAUSE);
        }
    }

    fn request(&mut self, op: Op) -> Request {
        self.number += 1;
        Request { client: self.client, number: self.number, op }
    }

    /// Asks one server after the other, the leader first.
    fn ask_all(&mut self, request: &Request) -> Option<Config> {
        for _ in 0..self.servers.len() {
            let reply: Option<Reply> = self.servers[self.leader].call("Ctrler.Operate", request);
            if let Some(config) = reply.and_then(|reply| reply.config) {
                return Some(config);
            }
            self.leader = (self.leader + 1) % self.servers.len();
        }
        None
    }
}
