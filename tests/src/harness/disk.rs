//! The disk of a server: what survives a crash.

use protocol::Patch;

use crate::nodes::MAX_DISK;
use crate::runner::{Class, Failure};

/// What a server has saved.
#[derive(Debug, Clone, Default)]
pub(crate) struct Disk {
    pub(crate) state: Vec<u8>,
    pub(crate) snapshot: Vec<u8>,
    /// Raft's state before the last save that had another snapshot with it, or made the state shorter.
    pub(crate) before_cut: Vec<u8>,
}

impl Disk {
    /// How much is on it, in bytes.
    pub(crate) fn size(&self) -> usize {
        self.state.len() + self.snapshot.len()
    }

    /// Makes a save of the server that reports call `label`.
    pub(crate) fn save(
        &mut self,
        label: &str,
        state: &Patch,
        snapshot: Option<Vec<u8>>,
    ) -> Result<(), Failure> {
        let size = snapshot.as_ref().map_or(0, Vec::len);
        let has_news = snapshot.as_ref().is_some_and(|snapshot| *snapshot != self.snapshot);
        if has_news || state.length() < self.state.len() {
            self.before_cut.clone_from(&self.state);
        }
        let state = state.apply(std::mem::take(&mut self.state), MAX_DISK);
        let (Some(state), true) = (state, size <= MAX_DISK) else {
            return Err(Failure::new(
                Class::Resource,
                format!("Raft's state and a snapshot have at most {} MiB each", MAX_DISK >> 20),
                format!("{label} saves more, or something that is no save"),
            ));
        };
        self.state = state;
        if let Some(snapshot) = snapshot {
            self.snapshot = snapshot;
        }
        Ok(())
    }
}
