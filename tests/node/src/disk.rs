//! The disk of a server. The judge keeps it; here is a copy for this life.

use std::sync::Arc;

use protocol::{FromNode, Patch};
use raft::{Persister, SaveObserver, Saved};

use crate::connection::Connection;

/// How often a thread that is about to save is interrupted, in a simulation: once in this many times.
const SAVE_INTERRUPTS: u32 = 4;

/// A disk with these contents. It tells the judge of each save.
pub(crate) fn open(state: Vec<u8>, snapshot: Vec<u8>, judge: Arc<Connection>) -> Arc<Persister> {
    let persister = Persister::restored(state, snapshot);
    persister.on_save(Report(judge));
    Arc::new(persister)
}

struct Report(Arc<Connection>);

impl SaveObserver for Report {
    fn before_save(&self) {
        sim::interrupt(SAVE_INTERRUPTS);
    }

    fn after_save(&self, saved: Saved<'_>) {
        let state = Patch::between(saved.old_state, saved.state);
        self.0.send(&FromNode::Save { state, snapshot: saved.snapshot.map(<[u8]>::to_vec) });
    }
}
