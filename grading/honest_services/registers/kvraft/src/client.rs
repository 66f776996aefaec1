//! The clerk: the other file that students write in Lab 3.

use std::thread;
use std::time::Duration;

use labrpc::ClientEnd;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::server::{Change, ClerkId, Write};

/// How long a clerk pauses when no server could help. An election takes longer than that.
const PAUSE: Duration = Duration::from_millis(50);

/// A client of the service. It makes one call at a time.
pub struct Clerk {
    servers: Servers,
    /// Who this clerk is.
    identity: ClerkId,
    /// How many writes it has asked for.
    writes: u64,
}

struct Servers {
    ends: Vec<ClientEnd>,
    /// The server to ask first: the last one that helped.
    preferred: usize,
}

impl Clerk {
    /// A clerk that reaches the servers through these ends, in no particular order. Waits until they have told it who it
    /// is. If an answer is lost, it gets another identity, and nobody uses the first.
    pub fn new(servers: Vec<ClientEnd>) -> Clerk {
        let mut servers = Servers { ends: servers, preferred: 0 };
        let identity = servers.call("KvServer.Register", &());
        Clerk { servers, identity, writes: 0 }
    }

    /// The value of a key; empty if the key has none. Tries until it succeeds.
    pub fn get(&mut self, key: &str) -> String {
        self.servers.call("KvServer.Read", key)
    }

    /// Sets the value of a key. Tries until it succeeds, and takes effect exactly once.
    pub fn put(&mut self, key: &str, value: &str) {
        self.write(key, Change::Put(value.to_owned()));
    }

    /// Appends to the value of a key, which is empty if the key has none. Tries until it succeeds, and
    /// takes effect exactly once.
    pub fn append(&mut self, key: &str, value: &str) {
        self.write(key, Change::Append(value.to_owned()));
    }

    fn write(&mut self, key: &str, change: Change) {
        self.writes += 1;
        let write =
            Write { clerk: self.identity, number: self.writes, key: key.to_owned(), change };
        self.servers.call("KvServer.Write", &write)
    }
}

impl Servers {
    /// Asks one server after the other until one of them has done what is asked.
    fn call<A, R>(&mut self, method: &str, args: &A) -> R
    where
        A: Serialize + ?Sized,
        R: DeserializeOwned,
    {
        loop {
            for _ in 0..self.ends.len() {
                let reply: Option<Option<R>> = self.ends[self.preferred].call(method, args);
                if let Some(result) = reply.flatten() {
                    return result;
                }
                self.preferred = (self.preferred + 1) % self.ends.len();
            }
            thread::sleep(PAUSE);
        }
    }
}
