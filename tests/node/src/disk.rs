//! The disk of a server. The judge keeps it; the submission has a copy for this life.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use protocol::{FromNode, Patch};
use rand::Rng;

use crate::connection::Connection;

/// How often a thread that is about to save is interrupted, in a simulation: once in this many times.
const SAVE_INTERRUPTS: u32 = 4;

/// Tells the judge of each save.
pub struct Saves {
    judge: Arc<Connection>,
    /// How long a save takes on average.
    time: Duration,
}

impl Saves {
    pub(crate) fn new(judge: Arc<Connection>, time: Duration) -> Self {
        Saves { judge, time }
    }

    /// A save begins.
    pub fn before(&self) {
        sim::interrupt(SAVE_INTERRUPTS);
        if !self.time.is_zero() {
            // Of two saves, the one that has begun later may end first.
            thread::sleep(rand::rng().random_range(Duration::ZERO..=2 * self.time));
        }
    }

    /// A save is made: of Raft's state, and perhaps of a snapshot.
    pub fn after(&self, old_state: &[u8], state: &[u8], snapshot: Option<&[u8]>) {
        let state = Patch::between(old_state, state);
        self.judge.send(&FromNode::Save { state, snapshot: snapshot.map(<[u8]>::to_vec) });
    }
}
