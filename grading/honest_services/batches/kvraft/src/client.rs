//! The clerk: the other file that students write in Lab 3.

use std::thread;
use std::time::Duration;

use labrpc::ClientEnd;

use crate::server::{Operation, Reply, Request};

/// A client of the service. It makes one call at a time.
pub struct Clerk {
    servers: Vec<ClientEnd>,
    /// Given by the servers; 0 until then.
    id: u64,
    number: u64,
    leader: usize,
}

impl Clerk {
    /// A clerk that reaches the servers through these ends, in no particular order.
    pub fn new(servers: Vec<ClientEnd>) -> Clerk {
        Clerk { servers, id: 0, number: 0, leader: 0 }
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
        if self.id == 0 {
            let id = self.send(&self.numbered("", Operation::Register));
            self.id = id.parse().expect("a number");
        }
        self.number += 1;
        self.send(&self.numbered(key, operation))
    }

    fn numbered(&self, key: &str, operation: Operation) -> Request {
        Request { clerk: self.id, number: self.number, key: key.to_owned(), operation }
    }

    fn send(&mut self, request: &Request) -> String {
        loop {
            for _ in 0..self.servers.len() {
                let reply = self.servers[self.leader].call("KvServer.Operate", request);
                if let Some(Reply::Done(answer)) = reply {
                    return answer;
                }
                self.leader = (self.leader + 1) % self.servers.len();
            }
            thread::sleep(Duration::from_millis(30));
        }
    }
}
