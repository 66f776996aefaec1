//! The clerk: the other file of Lab 3.
// BEGIN SOLUTION 3A
//!
//! A clerk numbers its requests, and repeats each until a server says that it was carried out. Servers
//! know repetitions by the number.
// END SOLUTION

// HANDOUT 3A: // Until the stubs are filled in:
// HANDOUT 3A: #![allow(unused, clippy::allow_attributes)]

// BEGIN SOLUTION 3A
use std::thread;
use std::time::Duration;
// END SOLUTION

use labrpc::ClientEnd;

// BEGIN SOLUTION 3A
use crate::server::{Op, Reply, Request};

/// How long a clerk waits after all servers have said no: an election takes longer than asking them.
const PAUSE: Duration = Duration::from_millis(30);
// END SOLUTION

/// A client of the service. It makes one call at a time.
pub struct Clerk {
    servers: Vec<ClientEnd>,
    // HANDOUT 3A: // Who it is, and what it remembers of the servers.
    // BEGIN SOLUTION 3A
    /// The server that seems to lead.
    leader: usize,
    /// Tells this clerk from all others, of this run and of earlier ones.
    client: u64,
    /// The number of the last request.
    number: u64,
    // END SOLUTION
}

impl Clerk {
    /// A clerk that reaches the servers by these ends, in no particular order.
    pub fn new(servers: Vec<ClientEnd>) -> Clerk {
        // BEGIN SOLUTION 3A: give the clerk an identity
        Clerk { servers, leader: 0, client: rand::random(), number: 0 }
        // END SOLUTION
    }

    /// The value of a key; empty if there is none. Tries until it succeeds.
    pub fn get(&mut self, key: &str) -> String {
        // BEGIN SOLUTION 3A: ask until a server has the answer
        self.operate(Op::Get { key: key.to_owned() })
        // END SOLUTION
    }

    /// Sets the value of a key. Tries until it succeeds; it happens once all the same.
    pub fn put(&mut self, key: &str, value: &str) {
        // BEGIN SOLUTION 3A: ask until a server has done it
        self.operate(Op::Put { key: key.to_owned(), value: value.to_owned() });
        // END SOLUTION
    }

    /// Adds to the end of the value of a key, which is empty if there is none. Tries until it succeeds; it
    /// happens once all the same.
    pub fn append(&mut self, key: &str, value: &str) {
        // BEGIN SOLUTION 3A: ask until a server has done it
        self.operate(Op::Append { key: key.to_owned(), value: value.to_owned() });
        // END SOLUTION
    }
    // BEGIN SOLUTION 3A

    fn operate(&mut self, op: Op) -> String {
        self.number += 1;
        let request = Request { client: self.client, number: self.number, op };
        loop {
            for _ in 0..self.servers.len() {
                if let Some(value) = self.ask_leader(&request) {
                    return value;
                }
                self.leader = (self.leader + 1) % self.servers.len();
            }
            thread::sleep(PAUSE);
        }
    }

    fn ask_leader(&self, request: &Request) -> Option<String> {
        let server = &self.servers[self.leader];
        let reply: Option<Reply> = server.call("KvServer.Operate", request);
        // A message that was lost says nothing against the leader: it has a second chance.
        reply.or_else(|| server.call("KvServer.Operate", request))?.value
    }
    // END SOLUTION
}
