//! Raft with pre-votes, a leader that steps down without a majority, and voters that stand by a leader they
//! hear (sections 4.2.3, 6.2 and 9.6 of Ongaro's dissertation).
//!
//! Two threads are parked most of the time: the timer until the next deadline, and the applier until something
//! is committed. What a role knows is in the role, so that nothing of it outlives it.

mod election;
mod leader;
mod log;

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use labrpc::{ClientEnd, Service};
use parking_lot::Mutex;
use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::apply::{ApplyMsg, Index, Started, Term};
use crate::persister::Persister;
use crate::thread_pool::ThreadPool;
use leader::Follower;
use log::{Entry, Id, Log};

/// The shortest election timeout. For as long, a server that has heard from a leader stands by it.
const PATIENCE: Duration = Duration::from_millis(600);

/// One server of a Raft cluster.
pub struct Raft {
    me: usize,
    peers: Vec<ClientEnd>,
    persister: Arc<Persister>,
    server: Mutex<Server>,
    timer: OnceLock<Thread>,
    applier: OnceLock<Thread>,
    calls: ThreadPool,
}

/// Term, vote and log are on the disk whenever the lock is free.
struct Server {
    term: Term,
    vote: Option<usize>,
    log: Log,
    role: Role,
    committed: Index,
    applied: Index,
    /// When it last heard from the leader of its term.
    heard: Option<Instant>,
    /// When to ask for pre-votes.
    deadline: Instant,
    snapshot: Option<Vec<u8>>,
    killed: bool,
}

enum Role {
    Follower,
    /// Asks whether it would be elected, and by now these would vote for it.
    PreCandidate(BTreeSet<usize>),
    /// These have voted for it.
    Candidate(BTreeSet<usize>),
    Leader(Vec<Follower>),
}

/// The arguments of the RequestVote RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestVoteArgs {
    /// The term of the election; it has not begun if this is a pre-vote.
    term: Term,
    candidate: usize,
    last: Id,
    is_pre_vote: bool,
}

/// The reply of the RequestVote RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestVoteReply {
    term: Term,
    granted: bool,
}

/// The arguments of the AppendEntries RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppendEntriesArgs {
    term: Term,
    prev: Id,
    entries: Vec<Entry>,
    committed: Index,
}

/// The reply of the AppendEntries RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppendEntriesReply {
    term: Term,
    /// After which index the leader should try if the entries did not fit; the last index if they did.
    index: Index,
    fits: bool,
}

/// The arguments of the InstallSnapshot RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InstallSnapshotArgs {
    term: Term,
    base: Id,
    #[serde(with = "serde_bytes")]
    data: Vec<u8>,
}

/// The reply of the InstallSnapshot RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InstallSnapshotReply {
    term: Term,
}

impl Raft {
    /// Starts server `me` from what it has saved.
    pub fn make(
        peers: Vec<ClientEnd>,
        me: usize,
        persister: Arc<Persister>,
        apply_ch: Sender<ApplyMsg>,
    ) -> Arc<Raft> {
        let server = Mutex::new(Server::restore(&persister.state()));
        let raft = Arc::new(Raft {
            me,
            peers,
            persister,
            server,
            timer: OnceLock::new(),
            applier: OnceLock::new(),
            calls: ThreadPool::new(),
        });
        let timer = raft.clone();
        let timer = thread::spawn(move || timer.keep_time());
        let _ = raft.timer.set(timer.thread().clone());
        let applier = raft.clone();
        let applier = thread::spawn(move || applier.apply(&apply_ch));
        let _ = raft.applier.set(applier.thread().clone());
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
        let server = self.server.lock();
        (server.term, matches!(server.role, Role::Leader(_)))
    }

    /// Proposes a command. `None` if this server is not the leader.
    pub fn start(self: &Arc<Self>, command: Vec<u8>) -> Option<Started> {
        let mut server = self.server.lock();
        let Role::Leader(_) = server.role else { return None };
        let term = server.term;
        let index = server.log.append(term, command);
        self.save(&server);
        self.send_new(&mut server);
        self.commit(&mut server);
        Some(Started { index, term })
    }

    /// The service has a snapshot of everything up to `index`.
    pub fn snapshot(&self, index: u64, snapshot: Vec<u8>) {
        let mut server = self.server.lock();
        let Some(id) = server.log.id(index) else { return };
        if index <= server.applied && index > server.log.base().index {
            server.log.cut(id);
            self.persister.save_state_and_snapshot(server.encode(), snapshot);
        }
    }

    /// Stops this server.
    pub fn kill(&self) {
        let mut server = self.server.lock();
        server.killed = true;
        server.role = Role::Follower;
        drop(server);
        wake(&self.timer);
        wake(&self.applier);
    }

    /// Handles AppendEntries.
    pub fn append_entries(&self, args: AppendEntriesArgs) -> AppendEntriesReply {
        let mut server = self.server.lock();
        let server = &mut *server;
        if !self.hear(server, args.term) {
            return AppendEntriesReply { term: server.term, index: 0, fits: false };
        }
        let term = server.term;
        if let Some(index) = server.log.mismatch(args.prev) {
            return AppendEntriesReply { term, index, fits: false };
        }
        let index = args.prev.index + args.entries.len() as Index;
        if server.log.merge(args.prev.index, args.entries) {
            self.save(server);
        }
        if args.committed.min(index) > server.committed {
            server.committed = args.committed.min(index);
            wake(&self.applier);
        }
        AppendEntriesReply { term, index, fits: true }
    }

    /// Handles InstallSnapshot.
    pub fn install_snapshot(&self, args: InstallSnapshotArgs) -> InstallSnapshotReply {
        let mut server = self.server.lock();
        if self.hear(&mut server, args.term) && args.base.index > server.committed {
            server.log.cut(args.base);
            server.committed = args.base.index;
            self.persister.save_state_and_snapshot(server.encode(), args.data.clone());
            server.snapshot = Some(args.data);
            wake(&self.applier);
        }
        InstallSnapshotReply { term: server.term }
    }

    fn others(&self) -> impl Iterator<Item = usize> + use<> {
        let me = self.me;
        (0..self.peers.len()).filter(move |peer| *peer != me)
    }

    fn is_majority(&self, count: usize) -> bool {
        count > self.peers.len() / 2
    }

    fn save(&self, server: &Server) {
        self.persister.save_state(server.encode());
    }

    /// Enters a newer term as a follower.
    fn see(&self, server: &mut Server, term: Term) {
        if term > server.term {
            (server.term, server.vote, server.heard) = (term, None, None);
            self.follow(server);
            self.save(server);
        }
    }

    /// Becomes a follower.
    fn follow(&self, server: &mut Server) {
        if let Role::Leader(_) = server.role {
            server.postpone();
        }
        server.role = Role::Follower;
    }

    /// The leader of a term has spoken. `false` if the term is over.
    fn hear(&self, server: &mut Server, term: Term) -> bool {
        self.see(server, term);
        if term < server.term {
            return false;
        }
        self.follow(server);
        server.heard = Some(Instant::now());
        server.postpone();
        true
    }

    /// Parked until there is something to apply.
    fn apply(&self, apply_ch: &Sender<ApplyMsg>) {
        loop {
            let mut server = self.server.lock();
            if server.killed {
                return;
            }
            let next = server.next_message();
            drop(server);
            match next {
                None => thread::park(),
                Some(message) => {
                    if apply_ch.send(message).is_err() {
                        return;
                    }
                }
            }
        }
    }
}

impl Server {
    fn restore(saved: &[u8]) -> Self {
        let (term, vote, log): (Term, Option<usize>, Log) = if saved.is_empty() {
            Default::default()
        } else {
            labgob::decode(saved).expect("this server has saved it")
        };
        let base = log.base().index;
        let mut server = Server {
            term,
            vote,
            log,
            role: Role::Follower,
            committed: base,
            applied: base,
            heard: None,
            deadline: Instant::now(),
            snapshot: None,
            killed: false,
        };
        server.postpone();
        server
    }

    fn encode(&self) -> Vec<u8> {
        labgob::encode(&(self.term, self.vote, &self.log))
    }

    fn postpone(&mut self) {
        let spare = Duration::from_millis(rand::rng().random_range(0..500));
        self.deadline = Instant::now() + PATIENCE + spare;
    }

    fn next_message(&mut self) -> Option<ApplyMsg> {
        if let Some(data) = self.snapshot.take() {
            let Id { index, term } = self.log.base();
            self.applied = index;
            return Some(ApplyMsg::Snapshot { index, term, data });
        }
        if self.applied == self.committed {
            return None;
        }
        self.applied += 1;
        let command = self.log.command(self.applied);
        Some(ApplyMsg::Command { index: self.applied, command })
    }
}

/// Wakes a parked thread.
fn wake(thread: &OnceLock<Thread>) {
    if let Some(thread) = thread.get() {
        thread.unpark();
    }
}
