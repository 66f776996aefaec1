//! The clerk of the controller: a file of Lab 4A.

// HANDOUT 4A: // Until the stubs are filled in:
// HANDOUT 4A: #![allow(unused, clippy::allow_attributes)]

use std::collections::BTreeMap;
// BEGIN SOLUTION 4A
use std::thread;
use std::time::Duration;
// END SOLUTION

use labrpc::ClientEnd;

use super::config::{Config, Gid};
// BEGIN SOLUTION 4A
use super::server::{Op, Reply, Request};

/// How long a clerk waits after all servers have said no: an election takes longer than asking them.
const PAUSE: Duration = Duration::from_millis(30);
// END SOLUTION

/// A client of the controller. It makes one call at a time.
pub struct Clerk {
    servers: Vec<ClientEnd>,
    // HANDOUT 4A: // Who it is, and what it remembers of the servers.
    // BEGIN SOLUTION 4A
    /// The server that seems to lead.
    leader: usize,
    client: u64,
    /// The number of the last request.
    number: u64,
    // END SOLUTION
}

impl Clerk {
    /// A clerk that reaches the servers by these ends, in no particular order.
    pub fn new(servers: Vec<ClientEnd>) -> Clerk {
        // BEGIN SOLUTION 4A: give the clerk an identity
        Clerk { servers, leader: 0, client: rand::random(), number: 0 }
        // END SOLUTION
    }

    /// Adds groups, with the names of their servers. Tries until it succeeds.
    pub fn join(&mut self, groups: &BTreeMap<Gid, Vec<String>>) {
        // BEGIN SOLUTION 4A: ask until a server has done it
        self.operate(Op::Join { groups: groups.clone() });
        // END SOLUTION
    }

    /// Removes groups. Tries until it succeeds.
    pub fn leave(&mut self, gids: &[Gid]) {
        // BEGIN SOLUTION 4A: ask until a server has done it
        self.operate(Op::Leave { gids: gids.to_vec() });
        // END SOLUTION
    }

    /// Gives a shard to a group, until the next Join or Leave. Tries until it succeeds.
    pub fn move_shard(&mut self, shard: usize, gid: Gid) {
        // BEGIN SOLUTION 4A: ask until a server has done it
        self.operate(Op::Move { shard, gid });
        // END SOLUTION
    }

    /// The configuration of this number; the latest if there is none of that number, or none is given.
    /// Tries until it succeeds.
    pub fn query(&mut self, number: Option<u64>) -> Config {
        // BEGIN SOLUTION 4A: ask until a server has the answer
        self.operate(Op::Query { number })
        // END SOLUTION
    }
    // BEGIN SOLUTION 4A

    fn operate(&mut self, op: Op) -> Config {
        self.number += 1;
        let request = Request { client: self.client, number: self.number, op };
        loop {
            if let Some(config) = self.ask_all(&request) {
                return config;
            }
            thread::sleep(PAUSE);
        }
    }

    /// Asks each server once. `None` if none of them could help.
    fn ask_all(&mut self, request: &Request) -> Option<Config> {
        for _ in 0..self.servers.len() {
            let server = &self.servers[self.leader];
            let reply: Option<Reply> = server.call("Ctrler.Operate", request);
            if let Some(config) = reply.and_then(|reply| reply.config) {
                return Some(config);
            }
            self.leader = (self.leader + 1) % self.servers.len();
        }
        None
    }
    // END SOLUTION
    // BEGIN SOLUTION 4B

    /// Asks for a configuration, but does not wait for a leader: for threads that must come to an end.
    pub(crate) fn try_query(&mut self, number: Option<u64>) -> Option<Config> {
        self.number += 1;
        let op = Op::Query { number };
        self.ask_all(&Request { client: self.client, number: self.number, op })
    }
    // END SOLUTION
}
