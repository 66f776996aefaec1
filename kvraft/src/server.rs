//! The servers of the key/value service: one of the two files that students write in Lab 3.
//!
//! All operations go through the log, Gets as well: a leader's own store may be stale, because another
//! server may lead by now without its knowledge. A handler proposes its request and sleeps. The
//! *applier*, the only thread that changes the store, wakes it with the answer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use labrpc::{ClientEnd, Service};
use parking_lot::{Condvar, Mutex};
use raft::{ApplyMsg, Index, Persister, Raft, Started};
use serde::{Deserialize, Serialize};

/// How long a handler waits for its request to be committed. A leader without a majority would wait
/// forever; after this time the clerk should ask another server.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(1);

/// How often a waiting handler checks whether its server still leads.
const LEADER_CHECK: Duration = Duration::from_millis(100);

/// How many messages from Raft may wait for the applier.
const BACKLOG: usize = 64;

/// A clerk's request. The same bytes go into Raft's log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    // 3A: the operation, and what tells a repetition from a new request
    /// The clerk that asks.
    pub(crate) client: u64,
    /// Counts the clerk's requests. It makes one at a time, so all lower numbers have been answered.
    pub(crate) number: u64,
    pub(crate) op: Op,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Op {
    Get { key: String },
    Put { key: String, value: String },
    Append { key: String, value: String },
}

/// A server's answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reply {
    // 3A: the value, or that this server cannot help
    /// The value that a Get has found; empty for Put and Append. `None` if this server does not know
    /// that the request was executed: it does not lead, or has lost its office.
    pub(crate) value: Option<String>,
}

/// One server of the key/value service.
pub struct KvServer {
    raft: Arc<Raft>,
    // 3A: the store, and the handlers that wait for their requests, behind a lock
    state: Mutex<State>,
    persister: Arc<Persister>,
    max_raft_state: Option<usize>,
    // 3C
    /// Wakes reads that wait for the applier.
    progress: Condvar,
}

#[derive(Default)]
struct State {
    store: Store,
    /// By index: the handler that has proposed a request there. Invariant: every index is above those
    /// that have been applied.
    waiting: BTreeMap<Index, Waiting>,
    // 3C
    /// The last index that has been applied, or that a snapshot includes.
    applied: Index,
}

struct Waiting {
    client: u64,
    number: u64,
    answer: Sender<String>,
}

/// What is equal on all servers after the same commands, and what goes into a snapshot.
#[derive(Default, Serialize, Deserialize)]
struct Store {
    values: BTreeMap<String, String>,
    /// By client: the number of its last Put or Append. One number is enough, as a clerk makes one
    /// request at a time. Gets need none: a Get that is executed again reads a newer value, still within
    /// its call.
    last_writes: BTreeMap<u64, u64>,
}

impl KvServer {
    /// Starts server `me` of a service from the state that it saved before, if any. Returns at once.
    ///
    /// `peers` holds a client end to every server, this one included, and `persister` is this server's
    /// disk; both are for Raft. As soon as Raft's state takes more than `max_raft_state` bytes on disk, the
    /// service should take a snapshot; `None` means never.
    // 3A: restore what was saved, make a Raft, and start a thread that applies
    pub fn start(
        peers: Vec<ClientEnd>,
        me: usize,
        persister: Arc<Persister>,
        max_raft_state: Option<usize>,
    ) -> Arc<KvServer> {
        let (sender, messages) = bounded(BACKLOG);
        let store = Store::restore(&persister);
        let server = Arc::new(KvServer {
            raft: Raft::make(peers, me, persister.clone(), sender),
            state: Mutex::new(State { store, ..State::default() }),
            persister,
            max_raft_state,
            // 3C
            progress: Condvar::new(),
        });
        let applier = server.clone();
        thread::spawn(move || applier.apply(&messages));
        server
    }

    /// The Raft of this server.
    pub fn raft(&self) -> &Arc<Raft> {
        &self.raft
    }

    /// The RPC methods of this server, one line each. Those of its Raft are registered beside them.
    pub fn rpc_service(self: &Arc<Self>) -> Service<KvServer> {
        Service::new("KvServer", self.clone()).method("Operate", KvServer::operate)
    }

    /// Handles a request: returns when it has been executed, or when this server cannot execute it.
    // 3A: propose the request, and wait until it is applied
    pub fn operate(&self, request: Request) -> Reply {
        // 3C
        if let Some(value) = self.read(&request) {
            return Reply { value: Some(value) };
        }
        let (started, answer) = match self.propose(&request) {
            Ok(proposed) => proposed,
            Err(reply) => return reply,
        };
        let deadline = Instant::now() + COMMIT_TIMEOUT;
        loop {
            match answer.recv_timeout(LEADER_CHECK) {
                Ok(value) => return Reply { value: Some(value) },
                Err(RecvTimeoutError::Timeout)
                    if self.raft.get_state() == (started.term, true)
                        && Instant::now() < deadline => {}
                Err(_) => return Reply { value: None },
            }
        }
    }

    /// Stops this server: its threads end soon, and no handler waits any longer.
    // 3A: end your threads, and Raft
    pub fn kill(&self) {
        self.raft.kill();
        self.state.lock().waiting.clear();
        // 3C
        self.progress.notify_all();
    }

    /// Answers a Get from the store, without an entry in the log. `None` if it must go through the log.
    fn read(&self, request: &Request) -> Option<String> {
        if !matches!(request.op, Op::Get { .. }) {
            return None;
        }
        let index = self.raft.read_index()?;
        let mut state = self.state.lock();
        while state.applied < index {
            if self.progress.wait_for(&mut state, COMMIT_TIMEOUT).timed_out() {
                return None;
            }
        }
        Some(state.store.answer(request))
    }

    /// Puts a request into the log. An error is the reply to give at once.
    fn propose(&self, request: &Request) -> Result<(Started, Receiver<String>), Reply> {
        let mut state = self.state.lock();
        if state.store.has_done(request) {
            return Err(Reply { value: Some(String::new()) });
        }
        // With the lock held: the applier must not reach the request before its handler waits.
        let started = self.raft.start(labgob::encode(request)).ok_or(Reply { value: None })?;
        let (sender, answer) = bounded(1);
        let waiting = Waiting { client: request.client, number: request.number, answer: sender };
        // A handler that waited at this index loses its sender, and so learns that a later leader has
        // replaced its request.
        state.waiting.insert(started.index, waiting);
        Ok((started, answer))
    }

    /// The applier: executes what Raft commits, until Raft ends.
    fn apply(&self, messages: &Receiver<ApplyMsg>) {
        for message in messages {
            match message {
                ApplyMsg::Command { index, command } => self.apply_command(index, &command),
                // 3B: replace the store by the one in the snapshot
                ApplyMsg::Snapshot { index, data, .. } => self.install(index, &data),
            }
        }
    }

    fn apply_command(&self, index: Index, command: &[u8]) {
        let request: Request = labgob::decode(command).expect("a server has encoded it");
        let mut state = self.state.lock();
        state.store.execute(&request);
        // 3C
        state.applied = index;
        // 3C
        self.progress.notify_all();
        if let Some(waiting) = state.waiting.remove(&index)
            // Another leader may have put its own request at this index: this answer is not for it.
            && (waiting.client, waiting.number) == (request.client, request.number)
        {
            // The handler may have given up.
            let _ = waiting.answer.send(state.store.answer(&request));
        }
        // 3B
        if self.max_raft_state.is_some_and(|max| self.persister.state_size() > max) {
            let snapshot = labgob::encode(&state.store);
            drop(state);
            self.raft.snapshot(index, snapshot);
        }
    }

    fn install(&self, index: Index, snapshot: &[u8]) {
        let mut state = self.state.lock();
        state.store = labgob::decode(snapshot).expect("a server has encoded it");
        state.waiting = state.waiting.split_off(&(index + 1));
        // 3C
        state.applied = index;
        // 3C
        self.progress.notify_all();
    }
}

impl Store {
    fn restore(persister: &Persister) -> Store {
        let snapshot = persister.snapshot();
        // 3B
        if !snapshot.is_empty() {
            return labgob::decode(&snapshot).expect("the disk holds what this server has saved");
        }
        Store::default()
    }

    /// Whether a request is a write that has been executed before.
    fn has_done(&self, request: &Request) -> bool {
        !matches!(request.op, Op::Get { .. })
            && self.last_writes.get(&request.client).is_some_and(|last| *last >= request.number)
    }

    /// Executes a write, unless it has been executed before.
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

    /// The answer to a request that has been executed.
    fn answer(&self, request: &Request) -> String {
        match &request.op {
            Op::Get { key } => self.values.get(key).cloned().unwrap_or_default(),
            Op::Put { .. } | Op::Append { .. } => String::new(),
        }
    }
}
