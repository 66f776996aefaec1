//! The clerk of the controller: a file that students write in Lab 4A.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use labrpc::ClientEnd;
use rand::Rng;

use super::config::{Config, Gid};
use super::server::{Operation, Reply, Request};

/// A client of the controller. It makes one call at a time.
pub struct Clerk {
    servers: Vec<ClientEnd>,
    id: u64,
    number: u64,
    leader: usize,
}

impl Clerk {
    /// A clerk that reaches the servers through these ends, in no particular order.
    pub fn new(servers: Vec<ClientEnd>) -> Clerk {
        Clerk { servers, id: rand::rng().random(), number: 0, leader: 0 }
    }

    /// Adds groups, each with the names of its servers. Tries until it succeeds.
    pub fn join(&mut self, groups: &BTreeMap<Gid, Vec<String>>) {
        self.request(Operation::Join(groups.clone()));
    }

    /// Removes groups. Tries until it succeeds.
    pub fn leave(&mut self, gids: &[Gid]) {
        self.request(Operation::Leave(gids.to_vec()));
    }

    /// Gives a shard to a group, until the next Join or Leave. Tries until it succeeds.
    pub fn move_shard(&mut self, shard: usize, gid: Gid) {
        self.request(Operation::Move(shard, gid));
    }

    /// The configuration with this number. The latest one if `number` is `None`, or if no configuration
    /// has that number yet. Tries until it succeeds.
    pub fn query(&mut self, number: Option<u64>) -> Config {
        self.request(Operation::Query(number))
    }

    /// The same, but asks each server once at most, and none when `give_up` says so.
    pub(crate) fn try_query(
        &mut self,
        number: Option<u64>,
        give_up: &dyn Fn() -> bool,
    ) -> Option<Config> {
        let request = self.new_request(Operation::Query(number));
        self.ask_each(&request, give_up)
    }

    fn request(&mut self, operation: Operation) -> Config {
        let request = self.new_request(operation);
        loop {
            if let Some(config) = self.ask_each(&request, &|| false) {
                return config;
            }
            thread::sleep(Duration::from_millis(30));
        }
    }

    fn new_request(&mut self, operation: Operation) -> Request {
        self.number += 1;
        Request { clerk: self.id, number: self.number, operation }
    }

    fn ask_each(&mut self, request: &Request, give_up: &dyn Fn() -> bool) -> Option<Config> {
        for _ in 0..self.servers.len() {
            if give_up() {
                return None;
            }
            let reply = self.servers[self.leader].call("Ctrler.Operate", request);
            if let Some(Reply::Done(config)) = reply {
                return Some(config);
            }
            self.leader = (self.leader + 1) % self.servers.len();
        }
        None
    }
}
