//! The way of messages to the judge.

use std::fs::File;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use protocol::{Clock, FromNode, Panicked, Term, Turn};
use sim::Pause;

use crate::exit;
use crate::outbox::Outbox;

/// How long the last frame waits for a thread that is sending.
const PATIENCE: Duration = Duration::from_secs(1);

/// The node's end of the pipe to the judge. All threads share it.
pub(crate) struct Connection {
    pipe: File,
    clock: Clock,
    /// What is sent in this turn. On the clock it is empty whenever the lock is free, and the lock keeps
    /// frames apart. In virtual time the lock is held only where no other thread can run, so the host of the
    /// simulation always finds it free.
    outbox: Mutex<Outbox>,
    /// When the present turn began, in virtual nanoseconds; 0 on the clock.
    turn_began: AtomicU64,
    /// What Raft has said of its term and role in this turn. Locked like the outbox.
    state: Mutex<Option<(Term, bool)>>,
}

impl Connection {
    pub(crate) fn new(pipe: File, clock: Clock) -> Self {
        Connection {
            pipe,
            clock,
            outbox: Mutex::default(),
            turn_began: AtomicU64::new(0),
            state: Mutex::default(),
        }
    }

    /// Sends a message: at once on the clock, and in virtual time at the end of the turn. Messages of one
    /// thread stay in order.
    pub(crate) fn send(&self, message: &FromNode) {
        let bytes = message.encode();
        let fits = sim::uninterrupted(|| {
            let mut outbox = self.outbox.lock();
            let fits = outbox.push(&bytes);
            if self.clock == Clock::Real && outbox.flush(&Turn::default(), &self.pipe).is_err() {
                exit::alone();
            }
            fits
        });
        if !fits {
            self.refuse(bytes.len());
        }
    }

    /// Writes what was sent in this turn, if anything, and gives the turn away. Allocates nothing.
    pub(crate) fn hand_over(&self, pause: Pause) {
        let Pause { now, deadline, events, hash } = pause;
        let state = self.state.try_lock().expect("no thread can run while another notes it").take();
        let mut outbox = self.outbox.try_lock().expect("no thread can run while another sends");
        if outbox.flush(&Turn { now, deadline, events, hash, state }, &self.pipe).is_err() {
            exit::alone();
        }
    }

    /// Raft has said its term, and whether it leads: the judge learns it when this turn ends.
    pub(crate) fn note_state(&self, term: Term, leads: bool) {
        sim::uninterrupted(|| *self.state.lock() = Some((term, leads)));
    }

    /// The turn has come back.
    pub(crate) fn resume(&self, now: u64) {
        self.turn_began.store(now, Ordering::Relaxed);
    }

    /// Writes a last frame, with what was sent before and `message`, and ends the process. Any thread may
    /// call this, at any time.
    pub(crate) fn end(&self, message: &FromNode, code: i32) -> ! {
        let bytes = message.encode();
        sim::uninterrupted(|| {
            if let Some(mut outbox) = self.outbox.try_lock_for(PATIENCE) {
                if !outbox.push(&bytes) {
                    outbox.clear();
                    let _ = outbox.push(&bytes);
                }
                // If the judge is gone, nobody wants to know.
                let _ = outbox.close(&self.last_turn(), &self.pipe);
            }
            process::exit(code)
        })
    }

    /// The time of a last frame.
    fn last_turn(&self) -> Turn {
        let began = self.turn_began.load(Ordering::Relaxed);
        match sim::digest() {
            Some(digest) => {
                let now = digest.time.as_nanos().try_into().unwrap_or(u64::MAX);
                Turn { now, deadline: None, events: digest.events, hash: digest.hash, state: None }
            }
            // A thread that looks at the simulation from outside.
            None => Turn { now: began, ..Turn::default() },
        }
    }

    /// The submission has sent more than one frame can hold.
    fn refuse(&self, length: usize) -> ! {
        let message =
            format!("a message of {length} bytes is too long, or too many are sent at once");
        let thread = std::thread::current().name().unwrap_or_default().to_owned();
        let panicked = Panicked { message, place: "the connection to the test".to_owned(), thread };
        self.end(&FromNode::Panicked(panicked), exit::PANICKED)
    }
}
