//! The disk of a server.

use std::sync::OnceLock;

use parking_lot::Mutex;

/// What survives a crash of the server: Raft's state, and the newest snapshot of the service.
///
/// Nothing is saved when it is made. Both are empty until something is, and each save replaces what
/// was there as a whole.
#[derive(Default)]
pub struct Persister {
    disk: Mutex<Disk>,
    watcher: OnceLock<Watcher>,
}

/// Says of a save that is about to be made whether it is to be made.
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

    /// Saves Raft's state and leaves the snapshot as it is.
    pub fn save_state(&self, state: Vec<u8>) {
        if self.may_save() {
            self.disk.lock().state = state;
        }
    }

    /// Saves Raft's state and a snapshot together: after a crash there are both or neither.
    pub fn save_state_and_snapshot(&self, state: Vec<u8>, snapshot: Vec<u8>) {
        if self.may_save() {
            *self.disk.lock() = Disk { state, snapshot };
        }
    }

    /// Lets `watcher` know of each save before it is made: a save for which it says `false` is lost, as
    /// when a server crashes first. A disk has at most one watcher; later ones are ignored.
    pub fn watch_saves(&self, watcher: impl Fn() -> bool + Send + Sync + 'static) {
        // Later ones are ignored.
        let _ = self.watcher.set(Box::new(watcher));
    }

    fn may_save(&self) -> bool {
        self.watcher.get().is_none_or(|watcher| watcher())
    }

    /// Raft's state as last saved; empty if it never was.
    pub fn state(&self) -> Vec<u8> {
        self.disk.lock().state.clone()
    }

    /// The snapshot as last saved; empty if none was.
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

    /// A disk of its own with the same content: what a server finds when it starts again, out of reach
    /// of the threads that its earlier self may have left. It has no watcher.
    pub fn copy(&self) -> Self {
        Persister { disk: Mutex::new(self.disk.lock().clone()), watcher: OnceLock::new() }
    }
}
