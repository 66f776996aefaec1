//! The disk of a server.

use std::sync::OnceLock;

use parking_lot::Mutex;

/// What survives a crash of the server: Raft's state, and the latest snapshot of the service.
///
/// Both are empty at first. Each save replaces the previous contents as a whole.
#[derive(Default)]
pub struct Persister {
    disk: Mutex<Disk>,
    watcher: OnceLock<Watcher>,
}

/// Decides whether a save that is about to happen is made.
type Watcher = Box<dyn Fn() -> bool + Send + Sync>;

#[derive(Debug, Clone, Default)]
struct Disk {
    state: Vec<u8>,
    snapshot: Vec<u8>,
}

impl Persister {
    /// An empty disk.
    pub fn new() -> Self {
        Persister::default()
    }

    /// Saves Raft's state, and leaves the snapshot as it is.
    pub fn save_state(&self, state: Vec<u8>) {
        if self.may_save() {
            self.disk.lock().state = state;
        }
    }

    /// Saves Raft's state and a snapshot together: after a crash, the disk holds both or neither.
    pub fn save_state_and_snapshot(&self, state: Vec<u8>, snapshot: Vec<u8>) {
        if self.may_save() {
            *self.disk.lock() = Disk { state, snapshot };
        }
    }

    /// Calls `watcher` before each save. If it returns `false` the save is lost, as if the server had
    /// crashed first. A disk has at most one watcher; later ones are ignored.
    pub fn watch_saves(&self, watcher: impl Fn() -> bool + Send + Sync + 'static) {
        // Later ones are ignored.
        let _ = self.watcher.set(Box::new(watcher));
    }

    fn may_save(&self) -> bool {
        self.watcher.get().is_none_or(|watcher| watcher())
    }

    /// The last saved state of Raft; empty if there is none.
    pub fn state(&self) -> Vec<u8> {
        self.disk.lock().state.clone()
    }

    /// The last saved snapshot; empty if there is none.
    pub fn snapshot(&self) -> Vec<u8> {
        self.disk.lock().snapshot.clone()
    }

    /// The size of Raft's state in bytes.
    pub fn state_size(&self) -> usize {
        self.disk.lock().state.len()
    }

    /// The size of the snapshot in bytes.
    pub fn snapshot_size(&self) -> usize {
        self.disk.lock().snapshot.len()
    }

    /// A separate disk with the same contents, for a server that starts again: threads that its previous
    /// life has left behind cannot reach it. It has no watcher.
    pub fn copy(&self) -> Self {
        Persister { disk: Mutex::new(self.disk.lock().clone()), watcher: OnceLock::new() }
    }
}
