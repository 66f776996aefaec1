//! The servers of the key/value service: one of the two files of Lab 3.
// BEGIN SOLUTION 3A
//!
//! Everything goes through the log, Gets as well: what a leader finds in its own store may be stale, for
//! another may lead by now without its knowledge. A request is proposed at once; its handler then sleeps
//! until the *applier*, the only thread that changes the store, wakes it with the answer.
// END SOLUTION

// HANDOUT 3A 3B: // Until the stubs are filled in:
// HANDOUT 3A 3B: #![allow(unused, clippy::allow_attributes)]

// BEGIN SOLUTION 3A
use std::collections::BTreeMap;
// END SOLUTION
use std::sync::Arc;
// BEGIN SOLUTION 3A
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
// END SOLUTION
use labrpc::{ClientEnd, Service};
// BEGIN SOLUTION 3A
use parking_lot::Mutex;
use raft::{ApplyMsg, Index, Started};
// END SOLUTION
use raft::{Persister, Raft};
use serde::{Deserialize, Serialize};

// BEGIN SOLUTION 3A
/// How long a handler waits for its request to be committed. A leader that was cut off waits in vain;
/// the clerk should ask elsewhere then.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often a waiting handler looks whether its server still leads.
const LOOK: Duration = Duration::from_millis(100);

/// How many messages of Raft may wait for the applier.
const BACKLOG: usize = 64;
// END SOLUTION

/// What a clerk asks of a server; also what goes into Raft's log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    // HANDOUT 3A: // The operation, and what tells a repetition from a new one.
    // BEGIN SOLUTION 3A
    /// The clerk that asks.
    pub(crate) client: u64,
    /// Counts the clerk's requests. It makes one at a time, so all lower numbers have been answered.
    pub(crate) number: u64,
    pub(crate) op: Op,
    // END SOLUTION
}

// BEGIN SOLUTION 3A
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Op {
    Get { key: String },
    Put { key: String, value: String },
    Append { key: String, value: String },
}
// END SOLUTION

/// A server's answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reply {
    // HANDOUT 3A: // The value, or that this server cannot help.
    // BEGIN SOLUTION 3A
    /// What a Get has found; empty for Put and Append. `None` if the request was not carried out as far
    /// as this server knows: it does not lead, or no longer.
    pub(crate) value: Option<String>,
    // END SOLUTION
}

/// One server of the key/value service.
pub struct KvServer {
    raft: Arc<Raft>,
    // HANDOUT 3A: // The store, and who waits for what, behind a lock.
    // BEGIN SOLUTION 3A
    state: Mutex<State>,
    // END SOLUTION
    // BEGIN SOLUTION 3B
    persister: Arc<Persister>,
    max_raft_state: Option<usize>,
    // END SOLUTION
}

// BEGIN SOLUTION 3A
struct State {
    store: Store,
    /// By index: the handler that has proposed a request there. What is at an index below those that are
    /// applied has been removed.
    waiting: BTreeMap<Index, Waiting>,
}

struct Waiting {
    client: u64,
    number: u64,
    answer: Sender<String>,
}

/// What all servers have in common after the same commands, and what goes into a snapshot.
#[derive(Default, Serialize, Deserialize)]
struct Store {
    values: BTreeMap<String, String>,
    /// By client: the number of its last Put or Append. One is enough, as a clerk makes one request at a
    /// time. Gets need no entry: one that is carried out again answers as of then, which is still during
    /// its call.
    last_writes: BTreeMap<u64, u64>,
}
// END SOLUTION

impl KvServer {
    /// Starts the server `me` of a service, from what it has saved before. Returns at once.
    ///
    /// `peers` holds an end to every server, this one included, and `persister` this server's disk; both
    /// are for Raft. As soon as Raft's state takes more than `max_raft_state` bytes on disk, a snapshot
    /// is due; `None` means never.
    pub fn start(
        peers: Vec<ClientEnd>,
        me: usize,
        persister: Arc<Persister>,
        max_raft_state: Option<usize>,
    ) -> Arc<KvServer> {
        // BEGIN SOLUTION 3A: restore what was saved, make a Raft, and start a thread that applies
        let (sender, messages) = bounded(BACKLOG);
        let store = Store::restore(&persister);
        let server = Arc::new(KvServer {
            raft: Raft::make(peers, me, persister.clone(), sender),
            state: Mutex::new(State { store, waiting: BTreeMap::new() }),
            // BEGIN SOLUTION 3B
            persister,
            max_raft_state,
            // END SOLUTION
        });
        let applier = server.clone();
        thread::spawn(move || applier.apply(&messages));
        server
        // END SOLUTION
    }

    /// The Raft of this server.
    pub fn raft(&self) -> &Arc<Raft> {
        &self.raft
    }

    /// The RPC methods of this server, one line each. Those of its Raft are beside them.
    pub fn rpc_service(self: &Arc<Self>) -> Service<KvServer> {
        Service::new("KvServer", self.clone()).method("Operate", KvServer::operate)
    }

    /// Handles a request: returns when it has been carried out, or cannot be by this server.
    pub fn operate(&self, request: Request) -> Reply {
        // BEGIN SOLUTION 3A: propose the request, and wait until it is applied
        let (started, answer) = match self.propose(&request) {
            Ok(proposed) => proposed,
            Err(reply) => return reply,
        };
        let deadline = Instant::now() + PATIENCE;
        loop {
            match answer.recv_timeout(LOOK) {
                Ok(value) => return Reply { value: Some(value) },
                Err(RecvTimeoutError::Timeout)
                    if self.raft.get_state() == (started.term, true)
                        && Instant::now() < deadline => {}
                Err(_) => return Reply { value: None },
            }
        }
        // END SOLUTION
    }

    /// Stops this server: its threads end soon, and nobody waits for an answer any more.
    pub fn kill(&self) {
        // BEGIN SOLUTION 3A: end your threads, and Raft
        self.raft.kill();
        self.state.lock().waiting.clear();
        // END SOLUTION
    }
}

// BEGIN SOLUTION 3A
impl KvServer {
    /// Puts a request into the log. An error is the reply to give at once.
    fn propose(&self, request: &Request) -> Result<(Started, Receiver<String>), Reply> {
        let mut state = self.state.lock();
        if state.store.has_done(request) {
            return Err(Reply { value: Some(String::new()) });
        }
        // With the lock held: the applier must not come to the request before its handler waits.
        let started = self.raft.start(labgob::encode(request)).ok_or(Reply { value: None })?;
        let (sender, answer) = bounded(1);
        let waiting = Waiting { client: request.client, number: request.number, answer: sender };
        // Who has waited at this index hears by the loss of the sender that the request is gone: a later
        // leader has replaced it.
        state.waiting.insert(started.index, waiting);
        Ok((started, answer))
    }

    /// The applier: carries out what Raft commits, until Raft ends.
    fn apply(&self, messages: &Receiver<ApplyMsg>) {
        for message in messages {
            match message {
                ApplyMsg::Command { index, command } => self.apply_command(index, &command),
                // BEGIN SOLUTION 3B
                ApplyMsg::Snapshot { index, data, .. } => self.install(index, &data),
                // END SOLUTION
                // HANDOUT 3B: ApplyMsg::Snapshot { .. } => unimplemented!("3B: take over the store in the snapshot"),
            }
        }
    }

    fn apply_command(&self, index: Index, command: &[u8]) {
        let request: Request = labgob::decode(command).expect("a server has encoded it");
        let mut state = self.state.lock();
        state.store.execute(&request);
        if let Some(waiting) = state.waiting.remove(&index)
            // Another leader's request may have come to this index: its answer is none of theirs.
            && (waiting.client, waiting.number) == (request.client, request.number)
        {
            // The handler may have given up.
            let _ = waiting.answer.send(state.store.answer(&request));
        }
        // BEGIN SOLUTION 3B
        if self.max_raft_state.is_some_and(|max| self.persister.state_size() > max) {
            let snapshot = labgob::encode(&state.store);
            drop(state);
            self.raft.snapshot(index, snapshot);
        }
        // END SOLUTION
    }

    // BEGIN SOLUTION 3B
    fn install(&self, index: Index, snapshot: &[u8]) {
        let mut state = self.state.lock();
        state.store = labgob::decode(snapshot).expect("a server has encoded it");
        state.waiting = state.waiting.split_off(&(index + 1));
    }
    // END SOLUTION
}

impl Store {
    fn restore(persister: &Persister) -> Store {
        // BEGIN SOLUTION 3B
        let snapshot = persister.snapshot();
        if !snapshot.is_empty() {
            return labgob::decode(&snapshot).expect("the disk holds what this server has saved");
        }
        // END SOLUTION
        Store::default()
    }

    /// Whether a request is a write that has been carried out before.
    fn has_done(&self, request: &Request) -> bool {
        !matches!(request.op, Op::Get { .. })
            && self.last_writes.get(&request.client).is_some_and(|last| *last >= request.number)
    }

    /// Carries out a write, unless it was before.
    fn execute(&mut self, request: &Request) {
        if self.has_done(request) {
            return;
        }
        match &request.op {
            Op::Get { .. } => return,
            Op::Put { key, value } => {
                self.values.insert(key.clone(), value.clone());
            }
            Op::Append { key, value } => {
                self.values.entry(key.clone()).or_default().push_str(value);
            }
        }
        self.last_writes.insert(request.client, request.number);
    }

    /// What to tell the clerk of a request that has been carried out.
    fn answer(&self, request: &Request) -> String {
        match &request.op {
            Op::Get { key } => self.values.get(key).cloned().unwrap_or_default(),
            Op::Put { .. } | Op::Append { .. } => String::new(),
        }
    }
}
// END SOLUTION
