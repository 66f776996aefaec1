//! The thread that owns a server's state.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, select, tick};
use raft::{ApplyMsg, Index, Persister, Raft, Term};
use serde::{Deserialize, Serialize};
use tracing::debug;

use super::store::{Answer, Operation, Store};

/// How often the owner looks whether this server still leads, so that nobody waits in vain for longer.
const TICK: Duration = Duration::from_millis(100);

/// What is sent to the owner.
pub(super) enum Message {
    /// A handler waits at the other end of `reply`, until it gets an answer or `reply` is dropped.
    Request { operation: Operation, reply: Sender<Answer> },
    /// The server is killed.
    Stop,
}

/// A command in the log: an operation, and who waits for it.
#[derive(Serialize, Deserialize)]
struct Command {
    ticket: Ticket,
    operation: Operation,
}

/// Marks a command as the one that a certain handler of a certain server waits for. No two commands have the same
/// ticket, also if a clerk sends a request twice: then two handlers wait, perhaps on two servers.
///
/// An index cannot serve for this, since another leader may have put its own command there.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Ticket {
    /// A random number of a server, a new one each time that it starts.
    life: u64,
    /// Counts the requests in that life.
    number: u64,
}

/// A handler that waits.
struct Waiting {
    /// The term in which its command was proposed.
    term: Term,
    reply: Sender<Answer>,
}

pub(super) struct Owner {
    me: usize,
    raft: Arc<Raft>,
    persister: Arc<Persister>,
    max_raft_state: Option<usize>,
    store: Store,
    next_ticket: Ticket,
    waiting: HashMap<Ticket, Waiting>,
}

impl Owner {
    /// Starts the owner of a server. It ends when it is told to stop, or when the sender of `messages` is gone.
    pub(super) fn spawn(
        me: usize,
        raft: Arc<Raft>,
        persister: Arc<Persister>,
        max_raft_state: Option<usize>,
        store: Store,
        messages: Receiver<Message>,
        applied: Receiver<ApplyMsg>,
    ) {
        let next_ticket = Ticket { life: rand::random(), number: 0 };
        let waiting = HashMap::new();
        let owner = Owner { me, raft, persister, max_raft_state, store, next_ticket, waiting };
        thread::spawn(move || owner.run(&messages, &applied));
    }

    /// Does one thing after another. With the owner go both channels and those of the handlers that wait: none of
    /// them waits any longer, nor does Raft.
    fn run(mut self, messages: &Receiver<Message>, applied: &Receiver<ApplyMsg>) {
        let ticks = tick(TICK);
        loop {
            select! {
                recv(messages) -> message => match message {
                    Ok(Message::Request { operation, reply }) => self.propose(operation, reply),
                    Ok(Message::Stop) | Err(_) => break,
                },
                recv(applied) -> message => match message {
                    Ok(message) => self.apply(message),
                    // Raft was killed.
                    Err(_) => break,
                },
                recv(ticks) -> _ => self.dismiss(),
            }
        }
    }

    /// Puts an operation into the log. If this server does not lead, `reply` is dropped.
    fn propose(&mut self, operation: Operation, reply: Sender<Answer>) {
        let ticket = self.next_ticket;
        self.next_ticket.number += 1;
        let command = labgob::encode(&Command { ticket, operation });
        // What is committed is applied by this thread, so not before the handler is among those that wait.
        if let Some(started) = self.raft.start(command) {
            self.waiting.insert(ticket, Waiting { term: started.term, reply });
        }
    }

    fn apply(&mut self, message: ApplyMsg) {
        match message {
            ApplyMsg::Command { index, command } => {
                self.execute(index, &command);
                self.save(index);
            }
            // This server follows a newer leader than those who wait here hoped for: the next tick finds that out.
            ApplyMsg::Snapshot { data, .. } => self.store = Store::restore(&data),
        }
    }

    /// Executes a command, and answers the handler that waits for it here, if any.
    fn execute(&mut self, index: Index, command: &[u8]) {
        let Command { ticket, operation } =
            labgob::decode(command).expect("the log holds what owners have proposed");
        let answer = self.store.execute(index, operation);
        if let Some(waiting) = self.waiting.remove(&ticket) {
            debug!(server = self.me, index, ?answer, "answers");
            // The handler waits until it has the answer.
            let _ = waiting.reply.send(answer);
        }
    }

    /// Gives Raft a snapshot of all up to `index` if its state takes too much space.
    fn save(&self, index: Index) {
        if self.max_raft_state.is_some_and(|max| self.persister.state_size() > max) {
            self.raft.snapshot(index, self.store.snapshot());
        }
    }

    /// Drops the handlers whose commands this server has proposed in an office that it no longer holds. Their
    /// commands may be lost. If not, the clerks repeat them to no effect.
    fn dismiss(&mut self) {
        let (term, leads) = self.raft.get_state();
        self.waiting.retain(|_, waiting| leads && waiting.term == term);
    }
}
