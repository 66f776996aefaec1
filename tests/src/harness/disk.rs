//! The disk of a server: what survives a crash.

use std::collections::VecDeque;
use std::time::Instant;

use memchr::memmem::Finder;
use protocol::Patch;

use crate::nodes::MAX_DISK;
use crate::runner::{Class, Failure};

/// How many cuts are kept. One that is older explains no failure.
const CUTS_KEPT: usize = 4;

/// What a server has saved.
#[derive(Debug, Clone, Default)]
pub(crate) struct Disk {
    pub(crate) state: Vec<u8>,
    pub(crate) snapshot: Vec<u8>,
    /// When the snapshot was replaced by another one; `None` before the first.
    pub(crate) snapshot_at: Option<Instant>,
    /// The last saves that had another snapshot with them, or made Raft's state shorter.
    pub(crate) cuts: VecDeque<Cut>,
    /// The last save, if it changed one of the two alone where a cut changes both.
    pub(crate) half_cut: Option<HalfCut>,
}

/// A save that had another snapshot with it, or made Raft's state shorter.
#[derive(Debug, Clone)]
pub(crate) struct Cut {
    pub(crate) at: Instant,
    /// Raft's state before it.
    pub(crate) before: Vec<u8>,
    pub(crate) has_new_snapshot: bool,
}

/// A save that changed the snapshot or Raft's state, and left the other as it was. A crash after it finds what does not
/// belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HalfCut {
    /// Raft's state became shorter. Sizes are in bytes.
    State {
        before: usize,
        after: usize,
    },
    Snapshot,
}

impl HalfCut {
    /// What a server has done by it.
    pub(crate) fn describe(self) -> String {
        match self {
            HalfCut::State { before, after } => format!(
                "made Raft's state shorter, {after} bytes instead of {before}, and left the snapshot as it was"
            ),
            HalfCut::Snapshot => {
                "had a new snapshot with it, and left Raft's state as it was".to_owned()
            }
        }
    }
}

impl Disk {
    /// How much is on it, in bytes.
    pub(crate) fn size(&self) -> usize {
        self.state.len() + self.snapshot.len()
    }

    /// Whether some bytes are in the state or in the snapshot.
    pub(crate) fn holds(&self, bytes: &Finder<'_>) -> bool {
        bytes.find(&self.state).or_else(|| bytes.find(&self.snapshot)).is_some()
    }

    /// The save by which some bytes went from the state; `None` if they are there, or are not known to have been.
    pub(crate) fn cut_of(&self, bytes: &Finder<'_>) -> Option<&Cut> {
        let last_with = || self.cuts.iter().rev().find(|cut| bytes.find(&cut.before).is_some());
        if self.holds(bytes) { None } else { last_with() }
    }

    /// Makes a save of the server that reports call `label`.
    pub(crate) fn save(
        &mut self,
        label: &str,
        state: &Patch,
        snapshot: Option<Vec<u8>>,
    ) -> Result<(), Failure> {
        let size = snapshot.as_ref().map_or(0, Vec::len);
        let has_new_snapshot = snapshot.as_ref().is_some_and(|snapshot| *snapshot != self.snapshot);
        if has_new_snapshot || state.length() < self.state.len() {
            let spare = if self.cuts.len() < CUTS_KEPT { None } else { self.cuts.pop_front() };
            let mut before = spare.map(|cut| cut.before).unwrap_or_default();
            before.clone_from(&self.state);
            self.cuts.push_back(Cut { at: Instant::now(), before, has_new_snapshot });
        }
        let (before, after) = (self.state.len(), state.length());
        self.half_cut = match &snapshot {
            None if after < before => Some(HalfCut::State { before, after }),
            Some(_) if has_new_snapshot && state.changes_nothing(before) => Some(HalfCut::Snapshot),
            _ => None,
        };
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
        if has_new_snapshot {
            self.snapshot_at = Some(Instant::now());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn save(disk: &mut Disk, state: &[u8], snapshot: Option<&[u8]>) {
        let patch = Patch::between(&disk.state, state);
        disk.save("a server", &patch, snapshot.map(<[u8]>::to_vec)).expect("it is a save");
    }

    #[test]
    fn save_that_changes_one_of_state_and_snapshot_alone_is_told() {
        let mut disk = Disk::default();
        save(&mut disk, b"three entries", None);
        assert_eq!(disk.half_cut, None, "the state has become longer");
        save(&mut disk, b"three entries", Some(b"a snapshot"));
        assert_eq!(disk.half_cut, Some(HalfCut::Snapshot));
        save(&mut disk, b"one", None);
        assert_eq!(disk.half_cut, Some(HalfCut::State { before: 13, after: 3 }));
        save(&mut disk, b"two", Some(b"a newer snapshot"));
        assert_eq!(disk.half_cut, None, "both have changed");
        save(&mut disk, b"two", Some(b"a newer snapshot"));
        assert_eq!(disk.half_cut, None, "the snapshot is not new");
    }

    #[test]
    fn last_cuts_are_kept_with_what_was_there_before() {
        let mut disk = Disk::default();
        for length in (0..=CUTS_KEPT + 1).rev() {
            save(&mut disk, &vec![b'x'; length], None);
        }
        let before: Vec<usize> = disk.cuts.iter().map(|cut| cut.before.len()).collect();
        assert_eq!(before, [4, 3, 2, 1], "the oldest cut, from five bytes, is forgotten");
        assert!(disk.cuts.iter().all(|cut| !cut.has_new_snapshot));
    }
}
