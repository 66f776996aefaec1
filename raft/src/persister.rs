//! The disk of a server.

use std::mem;
use std::sync::OnceLock;

use parking_lot::Mutex;

/// What survives a crash of the server: Raft's state, and the latest snapshot of the service.
///
/// Both are empty at first. Each save replaces the previous contents as a whole.
#[derive(Default)]
pub struct Persister {
    disk: Mutex<Disk>,
    observer: OnceLock<Box<dyn SaveObserver>>,
}

#[derive(Default)]
struct Disk {
    state: Vec<u8>,
    snapshot: Vec<u8>,
}

/// Learns of each save, to keep what is saved elsewhere.
pub trait SaveObserver: Send + Sync {
    /// A save begins.
    fn before_save(&self);

    /// A save is made; it returns to Raft when this returns. Calls are in the order of the saves, one at a
    /// time: this must be quick, and must not use the disk.
    fn after_save(&self, saved: Saved<'_>);
}

/// What a save has changed.
#[derive(Debug, Clone, Copy)]
pub struct Saved<'a> {
    /// Raft's state before.
    pub old_state: &'a [u8],
    /// Raft's state from now on.
    pub state: &'a [u8],
    /// The new snapshot, if one was saved together with the state.
    pub snapshot: Option<&'a [u8]>,
}

impl Persister {
    /// An empty disk.
    pub fn new() -> Self {
        Persister::default()
    }

    /// The disk of a server that starts again, with what was saved before.
    pub fn restored(state: Vec<u8>, snapshot: Vec<u8>) -> Self {
        Persister { disk: Mutex::new(Disk { state, snapshot }), observer: OnceLock::new() }
    }

    /// Saves Raft's state, and leaves the snapshot as it is.
    pub fn save_state(&self, state: Vec<u8>) {
        self.save(state, None);
    }

    /// Saves Raft's state and a snapshot together: after a crash, the disk holds both or neither.
    pub fn save_state_and_snapshot(&self, state: Vec<u8>, snapshot: Vec<u8>) {
        self.save(state, Some(snapshot));
    }

    fn save(&self, state: Vec<u8>, snapshot: Option<Vec<u8>>) {
        let observer = self.observer.get();
        if let Some(observer) = observer {
            observer.before_save();
        }
        let mut disk = self.disk.lock();
        let disk = &mut *disk;
        let old_state = mem::replace(&mut disk.state, state);
        let has_snapshot = snapshot.is_some();
        if let Some(snapshot) = snapshot {
            disk.snapshot = snapshot;
        }
        if let Some(observer) = observer {
            observer.after_save(Saved {
                old_state: &old_state,
                state: &disk.state,
                snapshot: has_snapshot.then_some(&disk.snapshot),
            });
        }
    }

    /// Tells `observer` of each save from now on. A disk has at most one observer; later ones are ignored.
    pub fn on_save(&self, observer: impl SaveObserver + 'static) {
        // Later ones are ignored.
        let _ = self.observer.set(Box::new(observer));
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
}
