//! A state machine behind a log: what the servers of the controller and of the groups have in common.
//!
//! One mutex guards everything that is not Raft's. Whoever has proposed a command sleeps on one condition
//! variable, which the applier broadcasts after each command. Nobody is woken in particular: each sleeper looks
//! whether its own answer has come, and whether its server still leads in the term of its proposal.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};
use labrpc::ClientEnd;
use parking_lot::{Condvar, Mutex};
use raft::{ApplyMsg, Index, Persister, Raft};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// How often a sleeper checks whether its server still leads.
const LEADER_CHECK: Duration = Duration::from_millis(100);

/// How many messages from Raft may wait for the applier.
const BACKLOG: usize = 64;

/// What is equal on all servers after the same commands. All of it goes into a snapshot.
pub(crate) trait Machine: Serialize + DeserializeOwned + Send + 'static {
    type Command: Serialize + DeserializeOwned;
    type Answer: Send;

    fn apply(&mut self, command: Self::Command) -> Self::Answer;
}

/// One server's copy of a machine.
pub(crate) struct Replica<M: Machine> {
    raft: Arc<Raft>,
    persister: Arc<Persister>,
    max_raft_state: Option<usize>,
    state: Mutex<State<M>>,
    /// Something was applied, or this server was killed.
    news: Condvar,
}

struct State<M: Machine> {
    machine: M,
    /// By tag: the proposals that somebody waits for, and their answers.
    waiting: BTreeMap<u64, Option<M::Answer>>,
    killed: bool,
}

/// What goes into the log.
#[derive(Serialize, Deserialize)]
struct Entry<C> {
    /// A random number for each proposal, by which the one who waits for it knows it again.
    tag: u64,
    command: C,
}

impl<M: Machine> Replica<M> {
    /// Starts from the machine that was saved before, or else from `machine`.
    pub(crate) fn start(
        peers: Vec<ClientEnd>,
        me: usize,
        persister: Arc<Persister>,
        max_raft_state: Option<usize>,
        machine: M,
    ) -> Arc<Replica<M>> {
        let (sender, messages) = bounded(BACKLOG);
        let saved = persister.snapshot();
        let machine = if saved.is_empty() { machine } else { decode(&saved) };
        let replica = Arc::new(Replica {
            raft: Raft::make(peers, me, persister.clone(), sender),
            persister,
            max_raft_state,
            state: Mutex::new(State { machine, waiting: BTreeMap::new(), killed: false }),
            news: Condvar::new(),
        });
        let applier = replica.clone();
        thread::spawn(move || applier.apply_all(&messages));
        replica
    }

    pub(crate) fn raft(&self) -> &Arc<Raft> {
        &self.raft
    }

    pub(crate) fn leads(&self) -> bool {
        self.raft.get_state().1
    }

    pub(crate) fn is_killed(&self) -> bool {
        self.state.lock().killed
    }

    /// Ends the applier, and wakes everybody who waits.
    pub(crate) fn kill(&self) {
        self.raft.kill();
        self.state.lock().killed = true;
        self.news.notify_all();
    }

    /// Looks at the machine. All that it holds was committed, but a later leader may have committed more.
    pub(crate) fn look<R>(&self, at: impl FnOnce(&M) -> R) -> R {
        at(&self.state.lock().machine)
    }

    /// Proposes a command, and waits until it is applied. `None` if this server does not lead, or loses its
    /// office meanwhile. Then the command may or may not be applied later.
    pub(crate) fn submit(&self, command: M::Command) -> Option<M::Answer> {
        let tag = rand::random();
        let bytes = labgob::encode(&Entry { tag, command });
        let mut state = self.state.lock();
        // With the lock held: the applier must not come across the tag before it is in the table.
        let term = self.raft.start(bytes)?.term;
        state.waiting.insert(tag, None);
        while matches!(state.waiting.get(&tag), Some(None))
            && !state.killed
            && self.raft.get_state() == (term, true)
        {
            self.news.wait_for(&mut state, LEADER_CHECK);
        }
        state.waiting.remove(&tag).flatten()
    }

    /// The applier: the only one who changes the machine, until Raft ends.
    fn apply_all(&self, messages: &Receiver<ApplyMsg>) {
        for message in messages {
            match message {
                ApplyMsg::Command { index, command } => self.apply(index, &command),
                ApplyMsg::Snapshot { data, .. } => self.state.lock().machine = decode(&data),
            }
            self.news.notify_all();
        }
    }

    fn apply(&self, index: Index, bytes: &[u8]) {
        let entry: Entry<M::Command> = decode(bytes);
        let mut state = self.state.lock();
        let answer = state.machine.apply(entry.command);
        if let Some(place) = state.waiting.get_mut(&entry.tag) {
            *place = Some(answer);
        }
        if self.max_raft_state.is_some_and(|max| self.persister.state_size() > max) {
            let snapshot = labgob::encode(&state.machine);
            drop(state);
            self.raft.snapshot(index, snapshot);
        }
    }
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> T {
    labgob::decode(bytes).expect("a server of this group has encoded it")
}
