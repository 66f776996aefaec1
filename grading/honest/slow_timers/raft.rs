//! Raft with a thread per follower, and with everything as slow as the assignment allows: rare heartbeats, the
//! first one late, long election timeouts, and few entries in a message.
//!
//! The thread of a follower sends it one message at a time, and waits for the reply, but no longer than until
//! the next heartbeat.

mod election;
mod log;
mod replicator;
mod rpc;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use labrpc::{ClientEnd, Service};
use parking_lot::{Condvar, Mutex};
use rand::Rng;

use crate::apply::{ApplyMsg, Index, Started, Term};
use crate::persister::Persister;
use crate::thread_pool::ThreadPool;
use log::Log;
use replicator::Link;
pub use rpc::{
    AppendEntriesArgs, AppendEntriesReply, InstallSnapshotArgs, InstallSnapshotReply,
    RequestVoteArgs, RequestVoteReply,
};

/// One server of a Raft cluster.
pub struct Raft {
    me: usize,
    peers: Vec<ClientEnd>,
    persister: Arc<Persister>,
    core: Mutex<Core>,
    /// Wakes the thread that starts elections, when the server is killed.
    ended: Condvar,
    /// Wakes the thread that applies.
    committed: Condvar,
    /// Each wakes the thread of one follower.
    links: Vec<Condvar>,
    calls: ThreadPool,
}

struct Core {
    term: Term,
    vote: Option<usize>,
    log: Log,
    role: Role,
    /// What is known of the others, while this server leads.
    followers: Vec<Link>,
    commit: Index,
    applied: Index,
    election: Instant,
    snapshot: Option<ApplyMsg>,
    killed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Follower,
    Candidate(usize),
    Leader,
}

impl Raft {
    /// Starts server `me` from what it has saved.
    pub fn make(
        peers: Vec<ClientEnd>,
        me: usize,
        persister: Arc<Persister>,
        apply_ch: Sender<ApplyMsg>,
    ) -> Arc<Raft> {
        let core = Core::restore(&persister.state());
        let links = peers.iter().map(|_| Condvar::new()).collect();
        let raft = Arc::new(Raft {
            me,
            peers,
            persister,
            core: Mutex::new(core),
            ended: Condvar::new(),
            committed: Condvar::new(),
            links,
            calls: ThreadPool::new(),
        });
        let elections = raft.clone();
        thread::spawn(move || elections.hold_elections());
        let applier = raft.clone();
        thread::spawn(move || applier.apply(&apply_ch));
        for peer in (0..raft.peers.len()).filter(|peer| *peer != me) {
            let replicator = raft.clone();
            thread::spawn(move || replicator.replicate_to(peer));
        }
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
        let core = self.core.lock();
        (core.term, core.role == Role::Leader)
    }

    /// Proposes a command. `None` if this server is not the leader.
    pub fn start(self: &Arc<Self>, command: Vec<u8>) -> Option<Started> {
        let mut core = self.core.lock();
        if core.role != Role::Leader {
            return None;
        }
        let term = core.term;
        let index = core.log.push(term, command);
        self.save(&core);
        self.advance(&mut core);
        self.wake_links();
        Some(Started { index, term })
    }

    /// The service has a snapshot of everything up to `index`.
    pub fn snapshot(&self, index: u64, snapshot: Vec<u8>) {
        let mut core = self.core.lock();
        if index > core.log.base().0 && index <= core.applied {
            let term = core.log.term(index).expect("what is applied is in the log");
            core.log.begin_after(index, term);
            self.persister.save_state_and_snapshot(core.encode(), snapshot);
        }
    }

    /// Stops this server.
    pub fn kill(&self) {
        self.core.lock().killed = true;
        self.ended.notify_all();
        self.committed.notify_all();
        self.wake_links();
    }

    fn save(&self, core: &Core) {
        self.persister.save_state(core.encode());
    }

    /// Has the threads of all followers look what there is to do.
    fn wake_links(&self) {
        for link in &self.links {
            link.notify_one();
        }
    }

    /// Becomes a follower if `term` is newer than the current one.
    fn see(&self, core: &mut Core, term: Term) {
        if term > core.term {
            if core.role == Role::Leader {
                core.wait_for_leader();
            }
            (core.term, core.vote, core.role) = (term, None, Role::Follower);
            self.save(core);
        }
    }

    /// Hands the service what is committed, one message at a time.
    fn apply(&self, apply_ch: &Sender<ApplyMsg>) {
        let mut core = self.core.lock();
        while !core.killed {
            match core.next_message() {
                Some(message) => {
                    drop(core);
                    if apply_ch.send(message).is_err() {
                        return;
                    }
                    core = self.core.lock();
                }
                None => self.committed.wait(&mut core),
            }
        }
    }
}

impl Core {
    fn restore(saved: &[u8]) -> Self {
        let (term, vote, log): (Term, Option<usize>, Log) = if saved.is_empty() {
            Default::default()
        } else {
            labgob::decode(saved).expect("this server has saved it")
        };
        let (base, _) = log.base();
        let mut core = Core {
            term,
            vote,
            log,
            role: Role::Follower,
            followers: Vec::new(),
            commit: base,
            applied: base,
            election: Instant::now(),
            snapshot: None,
            killed: false,
        };
        core.wait_for_leader();
        core
    }

    fn encode(&self) -> Vec<u8> {
        labgob::encode(&(self.term, self.vote, &self.log))
    }

    fn wait_for_leader(&mut self) {
        let timeout = rand::rng().random_range(700..1_200);
        self.election = Instant::now() + Duration::from_millis(timeout);
    }

    fn next_message(&mut self) -> Option<ApplyMsg> {
        if let Some(snapshot) = self.snapshot.take() {
            self.applied = self.log.base().0;
            return Some(snapshot);
        }
        if self.applied == self.commit {
            return None;
        }
        self.applied += 1;
        let command = self.log.command(self.applied).to_vec();
        Some(ApplyMsg::Command { index: self.applied, command })
    }
}
