//! The clerk: the other file that students write in Lab 3.
//!
//! A clerk numbers its requests, and repeats each one until a server has executed it. Servers recognize a
//! repetition by its number.

use std::thread;
use std::time::Duration;

use labrpc::ClientEnd;

use crate::server::{Op, Reply, Request};

/// How long a clerk rests after all servers have refused: an election takes longer than asking them.
const PAUSE: Duration = Duration::from_millis(30);

/// A client of the service. It makes one call at a time.
pub struct Clerk {
    servers: Vec<ClientEnd>,
    // 3A: who this clerk is, and what it remembers about the servers
    /// The server that seems to lead.
    leader: usize,
    /// Tells this clerk apart from all others, of this run and of earlier ones.
    client: u64,
    /// The number of the last request.
    number: u64,
}

impl Clerk {
    /// A clerk that reaches the servers through these ends, in no particular order.
    // 3A: give the clerk an identity
    pub fn new(servers: Vec<ClientEnd>) -> Clerk {
        Clerk { servers, leader: 0, client: rand::random(), number: 0 }
    }

    /// The value of a key; empty if the key has none. Tries until it succeeds.
    // 3A: ask until a server has the answer
    pub fn get(&mut self, key: &str) -> String {
        self.operate(Op::Get { key: key.to_owned() })
    }

    /// Sets the value of a key. Tries until it succeeds, and takes effect exactly once.
    // 3A: ask until a server has done it
    pub fn put(&mut self, key: &str, value: &str) {
        self.operate(Op::Put { key: key.to_owned(), value: value.to_owned() });
    }

    /// Appends to the value of a key, which is empty if the key has none. Tries until it succeeds, and
    /// takes effect exactly once.
    // 3A: ask until a server has done it
    pub fn append(&mut self, key: &str, value: &str) {
        self.operate(Op::Append { key: key.to_owned(), value: value.to_owned() });
    }

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
        // A lost message does not mean that the leader has changed: it gets a second chance.
        reply.or_else(|| server.call("KvServer.Operate", request))?.value
    }
}
