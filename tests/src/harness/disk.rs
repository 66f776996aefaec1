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
    /// The last save, if it made Raft's state shorter and had no snapshot with it.
    pub(crate) cut_alone: Option<CutAlone>,
}

/// A save that made Raft's state shorter and left the snapshot as it was. Sizes are in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CutAlone {
    before: usize,
    after: usize,
}

impl CutAlone {
    /// What a server has done by it.
    pub(crate) fn describe(self) -> String {
        let CutAlone { before, after } = self;
        format!(
            "made Raft's state shorter, {after} bytes instead of {before}, and left the snapshot as it was"
        )
    }
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
        let (before, after) = (self.state.len(), state.length());
        self.cut_alone =
            (snapshot.is_none() && after < before).then_some(CutAlone { before, after });
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
