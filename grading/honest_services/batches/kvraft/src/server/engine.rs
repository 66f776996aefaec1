//! Group commit: requests that come at the same time share an entry of the log. A *proposer* thread packs them, an
//! *applier* thread carries them out, and each handler waits at a slot of its own.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};
use labrpc::ClientEnd;
use parking_lot::{Condvar, Mutex};
use raft::{ApplyMsg, Index, Persister, Raft, Term};
use rand::Rng;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

const OFFICE_CHECK: Duration = Duration::from_millis(150);

pub(crate) trait Machine: Send + 'static {
    type Command: Serialize + DeserializeOwned + Send + 'static;
    type Answer: Send + 'static;

    /// An answer that needs no entry in the log.
    fn early(&self, command: &Self::Command) -> Option<Self::Answer>;
    fn apply(&mut self, command: Self::Command) -> Self::Answer;
    fn save(&self) -> Vec<u8>;
    fn load(&mut self, snapshot: &[u8]);
}

/// An entry of the log.
#[derive(Serialize, Deserialize)]
struct Batch<C> {
    /// Tells it from a batch of another leader.
    stamp: u64,
    commands: Vec<C>,
}

enum Place<A> {
    Queued,
    Proposed(Term),
    Answered(A),
    Refused,
}

struct Slot<A> {
    place: Mutex<Place<A>>,
    moved: Condvar,
}

impl<A> Slot<A> {
    fn put(&self, place: Place<A>) {
        *self.place.lock() = place;
        self.moved.notify_one();
    }
}

type Slots<M> = Vec<Arc<Slot<<M as Machine>::Answer>>>;

struct State<M: Machine> {
    machine: M,
    commands: Vec<M::Command>,
    slots: Slots<M>,
    /// Batches of this server in the log, in order.
    in_log: VecDeque<(Index, u64, Slots<M>)>,
    killed: bool,
}

struct Shared<M: Machine> {
    state: Mutex<State<M>>,
    asked: Condvar,
    persister: Arc<Persister>,
    max_raft_state: Option<usize>,
}

pub(crate) struct Replica<M: Machine> {
    pub(crate) raft: Arc<Raft>,
    shared: Arc<Shared<M>>,
}

impl<M: Machine> Replica<M> {
    pub(crate) fn start(
        peers: Vec<ClientEnd>,
        me: usize,
        persister: Arc<Persister>,
        max_raft_state: Option<usize>,
        mut machine: M,
    ) -> Self {
        let snapshot = persister.snapshot();
        if !snapshot.is_empty() {
            machine.load(&snapshot);
        }
        let (apply_ch, applied) = bounded(0);
        let raft = Raft::make(peers, me, persister.clone(), apply_ch);
        let state = State {
            machine,
            commands: Vec::new(),
            slots: Vec::new(),
            in_log: VecDeque::new(),
            killed: false,
        };
        let asked = Condvar::new();
        let shared =
            Arc::new(Shared { state: Mutex::new(state), asked, persister, max_raft_state });
        thread::spawn({
            let (shared, raft) = (shared.clone(), raft.clone());
            move || shared.propose(&raft)
        });
        thread::spawn({
            let (shared, raft) = (shared.clone(), raft.clone());
            move || shared.apply(&raft, &applied)
        });
        Replica { raft, shared }
    }

    /// Has a command carried out, and waits for that. `None` if this server cannot do it.
    pub(crate) fn ask(&self, command: M::Command) -> Option<M::Answer> {
        let slot = Arc::new(Slot { place: Mutex::new(Place::Queued), moved: Condvar::new() });
        {
            let mut state = self.shared.state.lock();
            if state.killed || !self.raft.get_state().1 {
                return None;
            }
            if let Some(answer) = state.machine.early(&command) {
                return Some(answer);
            }
            state.commands.push(command);
            state.slots.push(slot.clone());
            self.shared.asked.notify_one();
        }
        let mut place = slot.place.lock();
        loop {
            match mem::replace(&mut *place, Place::Refused) {
                Place::Answered(answer) => return Some(answer),
                Place::Refused => return None,
                Place::Queued => *place = Place::Queued,
                Place::Proposed(term) => {
                    if self.raft.get_state() != (term, true) {
                        return None;
                    }
                    *place = Place::Proposed(term);
                }
            }
            slot.moved.wait_for(&mut place, OFFICE_CHECK);
        }
    }

    /// Looks at the state.
    #[allow(dead_code)]
    pub(crate) fn look<T>(&self, look: impl FnOnce(&M) -> T) -> T {
        look(&self.shared.state.lock().machine)
    }

    pub(crate) fn kill(&self) {
        let mut state = self.shared.state.lock();
        state.killed = true;
        for slot in mem::take(&mut state.slots) {
            slot.put(Place::Refused);
        }
        for (_, _, slots) in mem::take(&mut state.in_log) {
            refuse(&slots);
        }
        self.shared.asked.notify_all();
        drop(state);
        self.raft.kill();
    }
}

fn refuse<A>(slots: &[Arc<Slot<A>>]) {
    for slot in slots {
        slot.put(Place::Refused);
    }
}

impl<M: Machine> Shared<M> {
    fn propose(&self, raft: &Arc<Raft>) {
        let mut state = self.state.lock();
        loop {
            while state.commands.is_empty() && !state.killed {
                self.asked.wait(&mut state);
            }
            if state.killed {
                return;
            }
            let commands = mem::take(&mut state.commands);
            let slots = mem::take(&mut state.slots);
            let stamp = rand::rng().random();
            match raft.start(labgob::encode(&Batch { stamp, commands })) {
                Some(started) => {
                    for slot in &slots {
                        slot.put(Place::Proposed(started.term));
                    }
                    // What an earlier leader had put there, or after it, is lost.
                    while state.in_log.back().is_some_and(|(index, ..)| *index >= started.index) {
                        let (_, _, lost) = state.in_log.pop_back().expect("there is one");
                        refuse(&lost);
                    }
                    state.in_log.push_back((started.index, stamp, slots));
                }
                None => refuse(&slots),
            }
        }
    }

    fn apply(&self, raft: &Arc<Raft>, applied: &Receiver<ApplyMsg>) {
        for message in applied {
            let mut state = self.state.lock();
            if state.killed {
                return;
            }
            let index = match message {
                ApplyMsg::Command { index, command } => {
                    state.carry_out(index, &command);
                    index
                }
                ApplyMsg::Snapshot { index, data, .. } => {
                    state.machine.load(&data);
                    index
                }
            };
            if self.max_raft_state.is_some_and(|max| self.persister.state_size() > max) {
                let snapshot = state.machine.save();
                drop(state);
                raft.snapshot(index, snapshot);
            }
        }
    }
}

impl<M: Machine> State<M> {
    fn carry_out(&mut self, index: Index, bytes: &[u8]) {
        let batch: Batch<M::Command> = labgob::decode(bytes).expect("a batch of this service");
        let answers: Vec<M::Answer> =
            batch.commands.into_iter().map(|command| self.machine.apply(command)).collect();
        while self.in_log.front().is_some_and(|(first, ..)| *first < index) {
            let (_, _, lost) = self.in_log.pop_front().expect("there is one");
            refuse(&lost);
        }
        if self.in_log.front().is_some_and(|(first, ..)| *first == index) {
            let (_, stamp, slots) = self.in_log.pop_front().expect("there is one");
            if stamp != batch.stamp {
                refuse(&slots);
                return;
            }
            for (slot, answer) in slots.iter().zip(answers) {
                slot.put(Place::Answered(answer));
            }
        }
    }
}
