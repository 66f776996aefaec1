//! The service of the Raft tests: it remembers every command that Raft applies, and does nothing else.
//!
//! It runs in the servers' processes. Here is what they tell of it, held against the ledger.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

use parking_lot::Mutex;
use protocol::{Answer, Applied, Index, Question, Role};

use super::calls::Calls;
use super::disk::Disk;
use super::journal::Journal;
use super::ledger::{Commands, Committed, Ledger, Step};
use super::service::Service;
use crate::nodes::Node;
use crate::runner::{Class, Failure};

/// With snapshots, the service makes one after this many commands.
const SNAPSHOT_INTERVAL: Index = 10;

/// The service of the Raft tests: its state is the list of all commands.
pub struct LogService {
    makes_snapshots: bool,
    pub(crate) ledger: Mutex<Ledger>,
    journal: Arc<Journal>,
    /// Counts proposals: each is made to another server first.
    pub(crate) proposals: AtomicU64,
    /// Whether any command was proposed.
    pub(crate) has_commands: AtomicBool,
}

impl LogService {
    /// For a cluster of this size.
    pub(crate) fn new(size: usize, makes_snapshots: bool, journal: Arc<Journal>) -> Self {
        let ledger = Mutex::new(Ledger::new(size));
        LogService {
            makes_snapshots,
            ledger,
            journal,
            proposals: AtomicU64::new(0),
            has_commands: AtomicBool::new(false),
        }
    }

    fn install(
        &self,
        server: usize,
        incarnation: u64,
        index: Index,
        data: &[u8],
    ) -> Result<(), Failure> {
        let commands = decode_snapshot(data, index).map_err(|problem| {
            let expected = format!(
                "the snapshot up to index {index} that server {server} is given was made by the service"
            );
            Failure::new(Class::Invariant, expected, problem)
        })?;
        if self.ledger.lock().install(server, incarnation, index, &commands)? {
            self.journal.note(format!("server {server} installs a snapshot up to index {index}"));
        }
        Ok(())
    }
}

impl Service for LogService {
    const START: &'static str = "Raft::make";
    const KILL: &'static str = "Raft::kill";

    fn role(&self) -> Role {
        Role::Raft { snapshot_interval: self.makes_snapshots.then_some(SNAPSHOT_INTERVAL) }
    }

    fn start(&self, server: usize, incarnation: u64, disk: &Disk) -> Result<(), Failure> {
        let restored = restored_index(&disk.snapshot, server)?;
        self.ledger.lock().restart(server, incarnation, restored);
        Ok(())
    }

    fn crash(&self, server: usize) {
        self.ledger.lock().crash(server);
    }

    fn apply(
        &self,
        server: usize,
        incarnation: u64,
        applied: Applied,
    ) -> Result<Option<Committed>, Failure> {
        let (index, command) = match applied {
            Applied::Command { index, command } => (index, command),
            Applied::Snapshot { index, data } => {
                self.install(server, incarnation, index, &data)?;
                return Ok(None);
            }
        };
        let step = self.ledger.lock().apply(server, incarnation, index, command)?;
        if !matches!(step, Step::Ignored) {
            self.journal.applied(server, index);
        }
        Ok(if let Step::First(committed) = step { Some(committed) } else { None })
    }

    fn last_applied(&self, server: usize) -> Option<Index> {
        Some(self.ledger.lock().last_applied(server))
    }

    fn explain_stuck(&self, server: usize, node: &Node, calls: &Calls) -> &'static str {
        let second = Duration::from_secs(1);
        if calls.is_active(server, "Raft::snapshot")
            && node.ask_within(Question::AppliesWait, second) == Some(Answer::AppliesWait(true))
        {
            "; meanwhile another of its threads waits to send on the apply channel: the service takes \
             the next message only when snapshot() has returned, so Raft must not hold its lock while \
             it sends"
        } else {
            ""
        }
    }
}

/// The index up to which the service of a starting server is restored from its snapshot.
fn restored_index(snapshot: &[u8], server: usize) -> Result<Index, Failure> {
    if snapshot.is_empty() {
        return Ok(0);
    }
    match labgob::decode::<(Index, Commands)>(snapshot) {
        Ok((index, _)) => Ok(index),
        Err(error) => {
            let expected =
                format!("the snapshot on the disk of server {server} was made by the service");
            Err(Failure::new(Class::Invariant, expected, format!("failed to {error}")))
        }
    }
}

/// The commands in a snapshot that must reach up to `index`.
fn decode_snapshot(data: &[u8], index: Index) -> Result<Commands, String> {
    let (inside, commands): (Index, Commands) =
        labgob::decode(data).map_err(|error| format!("failed to {error}"))?;
    if inside != index {
        return Err(format!("it was made for index {inside}"));
    }
    Ok(commands)
}
