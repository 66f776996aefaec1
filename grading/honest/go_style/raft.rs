//! Raft as many write it in Go: one coarse lock, a condition variable for the applier, a ticker that sleeps a
//! little and looks whether it must act, and a new thread for each RPC.
//!
//! Every command is sent at once, and again with each message until a reply shows that it has arrived.

mod applier;
mod election;
mod replication;

use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use labrpc::{ClientEnd, Service};
use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::apply::{ApplyMsg, Started};
use crate::persister::Persister;

/// One server of a Raft cluster.
pub struct Raft {
    me: usize,
    peers: Vec<ClientEnd>,
    persister: Arc<Persister>,
    state: Mutex<State>,
    apply_cond: Condvar,
}

struct State {
    persistent: Persistent,
    role: Role,
    commit_index: u64,
    last_applied: u64,
    next_index: Vec<u64>,
    match_index: Vec<u64>,
    last_heard: Instant,
    timeout: Duration,
    last_heartbeat: Instant,
    pending_snapshot: Option<ApplyMsg>,
    dead: bool,
}

/// What is saved. The first entry of the log stands for what the snapshot includes.
#[derive(Serialize, Deserialize)]
struct Persistent {
    current_term: u64,
    voted_for: Option<usize>,
    snapshot_index: u64,
    log: Vec<LogEntry>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct LogEntry {
    term: u64,
    #[serde(with = "serde_bytes")]
    command: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq)]
enum Role {
    Follower,
    Candidate,
    Leader,
}

/// The arguments of the RequestVote RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestVoteArgs {
    term: u64,
    candidate_id: usize,
    last_log_index: u64,
    last_log_term: u64,
}

/// The reply of the RequestVote RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestVoteReply {
    term: u64,
    vote_granted: bool,
}

/// The arguments of the AppendEntries RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppendEntriesArgs {
    term: u64,
    prev_log_index: u64,
    prev_log_term: u64,
    entries: Vec<LogEntry>,
    leader_commit: u64,
}

/// The reply of the AppendEntries RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppendEntriesReply {
    term: u64,
    success: bool,
    /// The term of the conflicting entry; 0 if there is no entry.
    x_term: u64,
    /// The first index of that term, or the length of the log.
    x_index: u64,
}

/// The arguments of the InstallSnapshot RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InstallSnapshotArgs {
    term: u64,
    last_included_index: u64,
    last_included_term: u64,
    #[serde(with = "serde_bytes")]
    data: Vec<u8>,
}

/// The reply of the InstallSnapshot RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InstallSnapshotReply {
    term: u64,
}

impl Raft {
    /// Starts server `me` from what it has saved.
    pub fn make(
        peers: Vec<ClientEnd>,
        me: usize,
        persister: Arc<Persister>,
        apply_ch: Sender<ApplyMsg>,
    ) -> Arc<Raft> {
        let saved = persister.state();
        let persistent = if saved.is_empty() {
            Persistent {
                current_term: 0,
                voted_for: None,
                snapshot_index: 0,
                log: vec![LogEntry::default()],
            }
        } else {
            labgob::decode(&saved).expect("this server has saved it")
        };
        let state = State {
            role: Role::Follower,
            commit_index: persistent.snapshot_index,
            last_applied: persistent.snapshot_index,
            next_index: vec![1; peers.len()],
            match_index: vec![0; peers.len()],
            last_heard: Instant::now(),
            timeout: random_timeout(),
            last_heartbeat: Instant::now(),
            pending_snapshot: None,
            dead: false,
            persistent,
        };
        let state = Mutex::new(state);
        let raft = Arc::new(Raft { me, peers, persister, state, apply_cond: Condvar::new() });
        let ticker = raft.clone();
        thread::spawn(move || ticker.ticker());
        let applier = raft.clone();
        thread::spawn(move || applier.applier(&apply_ch));
        raft
    }

    /// The RPC methods of this server.
    pub fn rpc_service(self: &Arc<Self>) -> Service<Raft> {
        Service::new("Raft", self.clone())
            .method("RequestVote", Raft::request_vote)
            .method("AppendEntries", Raft::append_entries)
            .method("InstallSnapshot", Raft::install_snapshot)
    }

    /// The current term, and whether this server believes that it is the leader.
    pub fn get_state(&self) -> (u64, bool) {
        let state = self.lock();
        (state.persistent.current_term, state.role == Role::Leader)
    }

    /// Proposes a command. `None` if this server is not the leader.
    pub fn start(self: &Arc<Self>, command: Vec<u8>) -> Option<Started> {
        let mut state = self.lock();
        if state.role != Role::Leader || state.dead {
            return None;
        }
        let term = state.persistent.current_term;
        state.persistent.log.push(LogEntry { term, command });
        let index = state.last_index();
        let me = self.me;
        state.match_index[me] = index;
        self.persist(&state);
        self.broadcast(&mut state);
        self.update_commit(&mut state);
        Some(Started { index, term })
    }

    /// The service has a snapshot of everything up to `index`.
    pub fn snapshot(&self, index: u64, snapshot: Vec<u8>) {
        let mut state = self.lock();
        if index <= state.persistent.snapshot_index || index > state.last_applied {
            return;
        }
        state.cut_log(index);
        self.persister.save_state_and_snapshot(labgob::encode(&state.persistent), snapshot);
    }

    /// Stops this server.
    pub fn kill(&self) {
        self.lock().dead = true;
        self.apply_cond.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn persist(&self, state: &State) {
        self.persister.save_state(labgob::encode(&state.persistent));
    }

    /// Becomes a follower in a newer term.
    fn step_down(&self, state: &mut State, term: u64) {
        if state.role == Role::Leader {
            state.reset_timer();
        }
        state.persistent.current_term = term;
        state.persistent.voted_for = None;
        state.role = Role::Follower;
        self.persist(state);
    }
}

impl State {
    fn last_index(&self) -> u64 {
        self.persistent.snapshot_index + self.persistent.log.len() as u64 - 1
    }

    fn last_term(&self) -> u64 {
        self.persistent.log.last().unwrap().term
    }

    /// The entry at an index that is in the log.
    fn at(&self, index: u64) -> &LogEntry {
        &self.persistent.log[(index - self.persistent.snapshot_index) as usize]
    }

    fn cut_log(&mut self, index: u64) {
        let count = (index - self.persistent.snapshot_index) as usize;
        self.persistent.log.drain(..count);
        self.persistent.log[0].command.clear();
        self.persistent.snapshot_index = index;
    }

    fn reset_timer(&mut self) {
        self.last_heard = Instant::now();
        self.timeout = random_timeout();
    }
}

fn random_timeout() -> Duration {
    Duration::from_millis(rand::rng().random_range(500..900))
}
