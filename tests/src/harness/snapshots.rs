//! The snapshots of the service of the Raft tests: those that it makes, and those that servers save.

use std::time::Instant;

use protocol::Index;

use super::ledger::Commands;
use crate::runner::{Class, Failure};

/// How far the snapshots of each server reach; 0 without one.
#[derive(Debug)]
pub(crate) struct SnapshotIndexes(Vec<Indexes>);

/// How far the snapshots of one server reach.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Indexes {
    /// The last one that its service has made, and when.
    pub(crate) made: Index,
    pub(crate) made_at: Option<Instant>,
    /// The one on its disk.
    pub(crate) saved: Index,
}

impl SnapshotIndexes {
    /// For a cluster of this size.
    pub(crate) fn new(servers: usize) -> Self {
        SnapshotIndexes(vec![Indexes::default(); servers])
    }

    /// How far the snapshots of a server reach.
    pub(crate) fn of(&self, server: usize) -> Indexes {
        self.0[server]
    }

    /// The service of a server makes a snapshot.
    pub(crate) fn make(&mut self, server: usize, index: Index) {
        self.0[server].made = index;
        self.0[server].made_at = Some(Instant::now());
    }

    /// The servers whose service has made a snapshot that reaches further than the one on their disk, to follow a
    /// sentence.
    pub(crate) fn describe_unsaved(&self) -> String {
        let describe = |(server, indexes): (usize, &Indexes)| {
            let Indexes { made, saved, .. } = *indexes;
            let on_disk = match saved {
                0 => "there is none on its disk".to_owned(),
                saved => format!("the one on its disk reaches index {saved}"),
            };
            (made > saved).then(|| {
                format!("; the service of server {server} has made a snapshot up to index {made}, and {on_disk}")
            })
        };
        self.0.iter().enumerate().filter_map(describe).collect()
    }

    /// A server saves a snapshot in the place of the one that it has. That must not reach less far: the log
    /// in between is cut.
    pub(crate) fn save(&mut self, server: usize, snapshot: &[u8]) -> Result<(), Failure> {
        let known = self.0[server].saved;
        let seen = if snapshot.is_empty() {
            "it saves an empty snapshot".to_owned()
        } else {
            match decode_snapshot(snapshot) {
                Ok((index, _)) if index >= known => {
                    self.0[server].saved = index;
                    return Ok(());
                }
                Ok((index, _)) => format!("it saves one up to index {index} in its place"),
                Err(problem) => {
                    format!("it saves something else in its place: failed to {problem}")
                }
            }
        };
        if snapshot.is_empty() && known == 0 {
            return Ok(());
        }
        Err(Failure::new(
            Class::Invariant,
            format!(
                "the snapshot on the disk of server {server} reaches index {known}; only one of the \
                 service that reaches as far may replace it"
            ),
            seen,
        ))
    }
}

/// The index up to which a snapshot of the service was made, and the commands in it.
pub(crate) fn decode_snapshot(data: &[u8]) -> Result<(Index, Commands), String> {
    labgob::decode(data).map_err(|error| error.to_string())
}
