//! Raft with a lock for each group of fields, and threads that look every few milliseconds what there is to do.
//!
//! Locks are always taken in the order of the fields of [`Raft`]. Whoever holds `office` may rely on the term;
//! what belongs to a term is changed only by those who hold it. The log is a hash map, the service is sent to
//! with `unwrap`, each thread has a generator of its own, and every step is logged.

mod elections;
mod handlers;
mod log;
mod sender;

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use labrpc::{ClientEnd, Service};
use serde::{Deserialize, Serialize};
use tracing::{debug, trace};

use crate::apply::{ApplyMsg, Index, Started, Term};
use crate::persister::Persister;
pub use handlers::{
    AppendEntriesArgs, AppendEntriesReply, InstallSnapshotArgs, InstallSnapshotReply,
    RequestVoteArgs, RequestVoteReply,
};
use log::Log;
use sender::Progress;

/// One server of a Raft cluster.
pub struct Raft {
    me: usize,
    peers: Vec<ClientEnd>,
    persister: Arc<Persister>,
    office: Mutex<Office>,
    log: Mutex<Log>,
    /// By server, while this one leads.
    progress: Mutex<HashMap<usize, Progress>>,
    snapshot: Mutex<Option<ApplyMsg>>,
    /// When this server last heard from a leader or gave its vote, and how long it waits from then on.
    timer: Mutex<(Instant, Duration)>,
    commit: AtomicU64,
    applied: AtomicU64,
    killed: AtomicBool,
}

/// Who rules, as far as this server knows.
struct Office {
    term: Term,
    vote: Option<usize>,
    role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Follower,
    Candidate,
    Leader,
}

/// What is saved.
#[derive(Serialize, Deserialize)]
struct Saved {
    term: Term,
    vote: Option<usize>,
    log: Vec<u8>,
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
        let (office, log) = if saved.is_empty() {
            (Office { term: 0, vote: None, role: Role::Follower }, Log::default())
        } else {
            let Saved { term, vote, log } = labgob::decode(&saved).expect("it was saved here");
            let log = labgob::decode(&log).expect("it was saved here");
            (Office { term, vote, role: Role::Follower }, log)
        };
        let base = log.base;
        let raft = Arc::new(Raft {
            me,
            peers,
            persister,
            office: Mutex::new(office),
            log: Mutex::new(log),
            progress: Mutex::new(HashMap::new()),
            snapshot: Mutex::new(None),
            timer: Mutex::new((Instant::now(), timeout())),
            commit: AtomicU64::new(base),
            applied: AtomicU64::new(base),
            killed: AtomicBool::new(false),
        });
        debug!(server = me, base, "starts");
        let own = raft.clone();
        thread::spawn(move || own.every(30, |raft| raft.look_at_timer()));
        let own = raft.clone();
        thread::spawn(move || own.every(10, |raft| raft.look_at_followers()));
        let own = raft.clone();
        thread::spawn(move || own.every(4, |raft| raft.look_at_commits(&apply_ch)));
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
        let office = self.office.lock().unwrap();
        (office.term, office.role == Role::Leader)
    }

    /// Proposes a command. `None` if this server is not the leader.
    pub fn start(self: &Arc<Self>, command: Vec<u8>) -> Option<Started> {
        let office = self.office.lock().unwrap();
        if office.role != Role::Leader {
            return None;
        }
        let mut log = self.log.lock().unwrap();
        let index = log.append(office.term, command);
        self.save(&office, &log);
        trace!(server = self.me, index, term = office.term, "accepts a command");
        Some(Started { index, term: office.term })
    }

    /// The service has a snapshot of everything up to `index`.
    pub fn snapshot(&self, index: u64, snapshot: Vec<u8>) {
        let office = self.office.lock().unwrap();
        let mut log = self.log.lock().unwrap();
        if index > log.base && index <= self.applied.load(Ordering::SeqCst) {
            let term = log.term(index).expect("it has been applied");
            log.cut(index, term);
            self.persister.save_state_and_snapshot(encode(&office, &log), snapshot);
            debug!(server = self.me, index, "cuts its log");
        }
    }

    /// Stops this server.
    pub fn kill(&self) {
        self.killed.store(true, Ordering::SeqCst);
        debug!(server = self.me, "is killed");
    }

    /// Does something every so many milliseconds until the server is killed.
    fn every(self: Arc<Self>, pause: u64, look: impl Fn(&Arc<Self>)) {
        while !self.killed.load(Ordering::SeqCst) {
            look(&self);
            thread::sleep(Duration::from_millis(pause));
        }
    }

    fn save(&self, office: &Office, log: &Log) {
        self.persister.save_state(encode(office, log));
    }

    /// Enters a newer term as a follower. The vote of that term is still free.
    fn see(&self, office: &mut Office, term: Term) {
        if term > office.term {
            debug!(server = self.me, from = office.term, to = term, "enters a newer term");
            if office.role == Role::Leader {
                self.restart_timer();
            }
            *office = Office { term, vote: None, role: Role::Follower };
            self.save(office, &self.log.lock().unwrap());
        }
    }

    fn restart_timer(&self) {
        *self.timer.lock().unwrap() = (Instant::now(), timeout());
    }

    /// Applies what is committed.
    fn look_at_commits(&self, apply_ch: &Sender<ApplyMsg>) {
        while let Some(message) = self.next_message() {
            if self.killed.load(Ordering::SeqCst) {
                return;
            }
            if apply_ch.send(message).is_err() {
                // The service has ended.
                return;
            }
        }
    }

    fn next_message(&self) -> Option<ApplyMsg> {
        let log = self.log.lock().unwrap();
        if let Some(snapshot) = self.snapshot.lock().unwrap().take() {
            self.applied.store(log.base, Ordering::SeqCst);
            return Some(snapshot);
        }
        let index = self.applied.load(Ordering::SeqCst) + 1;
        if index > self.commit.load(Ordering::SeqCst) {
            return None;
        }
        self.applied.store(index, Ordering::SeqCst);
        trace!(server = self.me, index, "applies");
        Some(ApplyMsg::Command { index, command: log.command(index) })
    }
}

fn encode(office: &Office, log: &Log) -> Vec<u8> {
    let Office { term, vote, .. } = office;
    labgob::encode(&Saved { term: *term, vote: *vote, log: labgob::encode(log) })
}

thread_local! {
    /// The state of this thread's generator; 0 before its first use.
    static GENERATOR: Cell<u64> = const { Cell::new(0) };
}

/// An election timeout: 450 to 950 ms.
fn timeout() -> Duration {
    let mut state = GENERATOR.get();
    while state == 0 {
        state = rand::random();
    }
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    GENERATOR.set(state);
    Duration::from_millis(450 + state % 500)
}

/// The index in the middle: a majority has at least this.
fn majority(mut indexes: Vec<Index>) -> Index {
    indexes.sort_unstable();
    indexes[(indexes.len() - 1) / 2]
}
