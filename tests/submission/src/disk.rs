//! The disk of a server.

use std::sync::Arc;

use node::Saves;
use raft::{Persister, SaveObserver, Saved};

/// A disk with these contents, which tells of each save.
pub(crate) fn open(state: Vec<u8>, snapshot: Vec<u8>, saves: Saves) -> Arc<Persister> {
    let persister = Persister::restored(state, snapshot);
    persister.on_save(Report(saves));
    Arc::new(persister)
}

struct Report(Saves);

impl SaveObserver for Report {
    fn before_save(&self) {
        self.0.before();
    }

    fn after_save(&self, saved: Saved<'_>) {
        self.0.after(saved.old_state, saved.state, saved.snapshot);
    }
}
