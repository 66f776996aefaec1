//! The servers of the key/value service: one of the two files that students write in Lab 3.

mod engine;

use std::collections::BTreeMap;
use std::sync::Arc;

use labrpc::{ClientEnd, Service};
use raft::{Persister, Raft};
use serde::{Deserialize, Serialize};

use engine::{Machine, Replica};

/// What a clerk wants.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Operation {
    /// An identity, as a number in text.
    Register,
    /// The value of a key.
    Get,
    /// A new value.
    Put(String),
    /// More of a value.
    Append(String),
}

/// A clerk's request. The same bytes go into Raft's log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// Who asks.
    pub clerk: u64,
    /// The clerk's number of the request.
    pub number: u64,
    /// The key.
    pub key: String,
    /// What to do with it.
    pub operation: Operation,
}

/// A server's answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Reply {
    /// The request has been carried out.
    Done(String),
    /// This server cannot help.
    Refused,
}

#[derive(Default, Serialize, Deserialize)]
struct Store {
    values: BTreeMap<String, String>,
    /// By clerk: its last request, and the answer.
    answers: BTreeMap<u64, (u64, String)>,
    /// How many identities were given out.
    clerks: u64,
}

impl Machine for Store {
    type Command = Request;
    type Answer = Reply;

    fn early(&self, request: &Request) -> Option<Reply> {
        let (number, answer) = self.answers.get(&request.clerk)?;
        if request.number < *number {
            return Some(Reply::Refused);
        }
        (request.number == *number).then(|| Reply::Done(answer.clone()))
    }

    fn apply(&mut self, request: Request) -> Reply {
        if let Some(reply) = self.early(&request) {
            return reply;
        }
        let answer = match request.operation {
            Operation::Register => {
                self.clerks += 1;
                return Reply::Done(self.clerks.to_string());
            }
            Operation::Get => self.values.get(&request.key).cloned().unwrap_or_default(),
            Operation::Put(value) => {
                self.values.insert(request.key, value);
                String::new()
            }
            Operation::Append(value) => {
                self.values.entry(request.key).or_default().push_str(&value);
                String::new()
            }
        };
        self.answers.insert(request.clerk, (request.number, answer.clone()));
        Reply::Done(answer)
    }

    fn save(&self) -> Vec<u8> {
        labgob::encode(self)
    }

    fn load(&mut self, snapshot: &[u8]) {
        *self = labgob::decode(snapshot).expect("a snapshot of this service");
    }
}

/// One server of the key/value service.
pub struct KvServer {
    replica: Replica<Store>,
}

impl KvServer {
    /// Starts server `me` of a service from the state that it saved before, if any. Returns at once.
    ///
    /// `peers` holds a client end to every server, this one included, and `persister` is this server's
    /// disk; both are for Raft. As soon as Raft's state takes more than `max_raft_state` bytes on disk, the
    /// service should take a snapshot; `None` means never.
    pub fn start(
        peers: Vec<ClientEnd>,
        me: usize,
        persister: Arc<Persister>,
        max_raft_state: Option<usize>,
    ) -> Arc<KvServer> {
        let replica = Replica::start(peers, me, persister, max_raft_state, Store::default());
        Arc::new(KvServer { replica })
    }

    /// The Raft of this server.
    pub fn raft(&self) -> &Arc<Raft> {
        &self.replica.raft
    }

    /// The RPC methods of this server, one line each. Those of its Raft are registered beside them.
    pub fn rpc_service(self: &Arc<Self>) -> Service<KvServer> {
        Service::new("KvServer", self.clone()).method("Operate", KvServer::operate)
    }

    /// Handles a request: returns when it has been executed, or when this server cannot execute it.
    pub fn operate(&self, request: Request) -> Reply {
        self.replica.ask(request).unwrap_or(Reply::Refused)
    }

    /// Stops this server: its threads end soon, and no handler waits any longer.
    pub fn kill(&self) {
        self.replica.kill();
    }
}
