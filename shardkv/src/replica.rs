//! What the servers of the controller and of the groups have in common: a file of Lab 4 that students may
//! fill, or leave as it is.
//!
//! A replica is a state machine behind a log. All replicas execute the commands that are proposed to any
//! of them, in the same order, and the proposer gets the answer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use labrpc::ClientEnd;
use parking_lot::Mutex;
use raft::{ApplyMsg, Index, Persister, Raft, Started, Term};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How long a command may take to be committed before its proposer gives up.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(1);

/// How often a proposer checks whether its server still leads.
const LEADER_CHECK: Duration = Duration::from_millis(100);

/// How many messages from Raft may wait for the applier.
const BACKLOG: usize = 64;

/// A deterministic state machine. Its encoding is its snapshot.
pub(crate) trait Machine: Default + Serialize + DeserializeOwned + Send + 'static {
    type Command: Serialize + DeserializeOwned + Send;
    type Answer: Send + 'static;

    /// Executes a command. The result must be the same on every replica.
    fn apply(&mut self, command: Self::Command) -> Self::Answer;
}

/// One replica of a state machine.
pub(crate) struct Replica<M: Machine> {
    raft: Arc<Raft>,
    persister: Arc<Persister>,
    max_raft_state: Option<usize>,
    state: Mutex<State<M>>,
}

struct State<M: Machine> {
    machine: M,
    /// By index: the proposer of a command. Invariant: every index is above those that have been applied.
    waiting: BTreeMap<Index, Waiting<M::Answer>>,
    killed: bool,
}

struct Waiting<A> {
    /// Tells the command apart from another one that a later leader may have put at this index.
    ticket: u64,
    answer: Sender<A>,
}

impl<M: Machine> Replica<M> {
    /// Starts a replica from the state that it saved before, if any.
    pub(crate) fn start(
        peers: Vec<ClientEnd>,
        me: usize,
        persister: Arc<Persister>,
        max_raft_state: Option<usize>,
    ) -> Arc<Self> {
        let snapshot = persister.snapshot();
        let machine = if snapshot.is_empty() {
            M::default()
        } else {
            labgob::decode(&snapshot).expect("the disk holds what this server has saved")
        };
        let (sender, messages) = bounded(BACKLOG);
        let replica = Arc::new(Replica {
            raft: Raft::make(peers, me, persister.clone(), sender),
            persister,
            max_raft_state,
            state: Mutex::new(State { machine, waiting: BTreeMap::new(), killed: false }),
        });
        let applier = replica.clone();
        thread::spawn(move || applier.run(&messages));
        replica
    }

    pub(crate) fn raft(&self) -> &Arc<Raft> {
        &self.raft
    }

    /// The term in which this replica leads, as far as it knows. `None` if it does not.
    pub(crate) fn leads(&self) -> Option<Term> {
        let (term, leads) = self.raft.get_state();
        leads.then_some(term)
    }

    pub(crate) fn is_killed(&self) -> bool {
        self.state.lock().killed
    }

    pub(crate) fn kill(&self) {
        self.raft.kill();
        let mut state = self.state.lock();
        state.killed = true;
        state.waiting.clear();
    }

    /// Looks at this replica's own state, which may be stale.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&M) -> R) -> R {
        look(&self.state.lock().machine)
    }

    /// Has a command executed on all replicas, and returns the answer. `None` if this replica does not lead,
    /// or has lost its office: then the command may or may not be executed.
    pub(crate) fn execute(&self, command: &M::Command) -> Option<M::Answer> {
        let (started, answer) = self.propose(command)?;
        let deadline = Instant::now() + COMMIT_TIMEOUT;
        loop {
            match answer.recv_timeout(LEADER_CHECK) {
                Ok(answer) => return Some(answer),
                Err(RecvTimeoutError::Timeout)
                    if self.raft.get_state() == (started.term, true)
                        && Instant::now() < deadline => {}
                Err(_) => return None,
            }
        }
    }

    fn propose(&self, command: &M::Command) -> Option<(Started, Receiver<M::Answer>)> {
        let ticket: u64 = rand::random();
        let entry = labgob::encode(&(ticket, command));
        // With the lock held: the applier must not reach the command before its proposer waits.
        let mut state = self.state.lock();
        let started = self.raft.start(entry)?;
        let (sender, answer) = bounded(1);
        // A proposer that waited at this index loses its sender, and so learns that its command is gone.
        state.waiting.insert(started.index, Waiting { ticket, answer: sender });
        Some((started, answer))
    }

    fn run(&self, messages: &Receiver<ApplyMsg>) {
        for message in messages {
            match message {
                ApplyMsg::Command { index, command } => self.apply(index, &command),
                ApplyMsg::Snapshot { index, data, .. } => {
                    let mut state = self.state.lock();
                    state.machine = labgob::decode(&data).expect("a replica has encoded it");
                    state.waiting = state.waiting.split_off(&(index + 1));
                }
            }
        }
    }

    fn apply(&self, index: Index, entry: &[u8]) {
        let (ticket, command): (u64, M::Command) =
            labgob::decode(entry).expect("a replica has encoded it");
        let mut state = self.state.lock();
        let answer = state.machine.apply(command);
        if let Some(waiting) = state.waiting.remove(&index)
            && waiting.ticket == ticket
        {
            // The proposer may have given up.
            let _ = waiting.answer.send(answer);
        }
        if self.max_raft_state.is_some_and(|max| self.persister.state_size() > max) {
            let snapshot = labgob::encode(&state.machine);
            drop(state);
            self.raft.snapshot(index, snapshot);
        }
    }
}
