//! The service of the tests: it takes what Raft applies, holds it against the ledger, and snapshots.

use std::sync::Arc;

use crossbeam_channel::{Receiver, select};
use raft::{ApplyMsg, Index, Raft};

use super::ledger::Commands;
use super::raft_cluster::LogService;
use super::shared::Shared;
use crate::runner::{Class, Failure, fail};

/// In the snapshot suites the service makes a snapshot whenever this many more commands are applied.
const SNAPSHOT_INTERVAL: Index = 10;

/// How often a service is set aside when it gets a message, in a simulation: once in this many times.
const APPLY_INTERRUPTS: u32 = 4;

/// One server's service, for one life of that server.
pub(crate) struct Applier {
    pub(crate) shared: Arc<Shared<LogService>>,
    pub(crate) server: usize,
    pub(crate) incarnation: u64,
    pub(crate) raft: Arc<Raft>,
    pub(crate) messages: Receiver<ApplyMsg>,
    /// Closed when the server crashes.
    pub(crate) crashed: Receiver<()>,
}

impl Applier {
    pub(crate) fn run(self) {
        loop {
            select! {
                recv(self.crashed) -> _ => return,
                recv(self.messages) -> message => match message {
                    Ok(message) => self.take(message),
                    // Raft has dropped its sender; without a crash nothing will be applied any more,
                    // and the test will see that.
                    Err(_) => return,
                },
            }
        }
    }

    fn take(&self, message: ApplyMsg) {
        sim::interrupt(APPLY_INTERRUPTS);
        let result = match message {
            ApplyMsg::Command { index, command } => self.apply(index, command),
            ApplyMsg::Snapshot { index, data, .. } => self.install(index, &data),
        };
        if let Err(failure) = result {
            fail(failure);
        }
    }

    fn apply(&self, index: Index, command: Vec<u8>) -> Result<(), Failure> {
        let alive = self.shared.service.ledger.lock().apply(
            self.server,
            self.incarnation,
            index,
            command,
        )?;
        if !alive {
            return Ok(());
        }
        self.shared.journal.applied(self.server, index);
        if self.shared.service.snapshots && (index + 1).is_multiple_of(SNAPSHOT_INTERVAL) {
            let commands = self.shared.service.ledger.lock().state_at(index);
            let data = labgob::encode(&(index, commands));
            // From this thread on purpose: a Raft that holds its lock while it sends on the apply
            // channel is stuck now.
            self.shared
                .probe
                .call(self.server, "Raft::snapshot", || self.raft.snapshot(index, data));
        }
        Ok(())
    }

    fn install(&self, index: Index, data: &[u8]) -> Result<(), Failure> {
        let server = self.server;
        let commands = decode_snapshot(data, index).map_err(|problem| {
            Failure::new(
                Class::Invariant,
                format!("the snapshot that server {server} is handed for index {index} is one that a service has made"),
                problem,
            )
        })?;
        let mut ledger = self.shared.service.ledger.lock();
        if ledger.install(server, self.incarnation, index, &commands)? {
            self.shared
                .journal
                .note(format!("server {server} installs a snapshot up to index {index}"));
        }
        Ok(())
    }
}

/// The commands in a snapshot that should reach up to `index`.
pub(crate) fn decode_snapshot(data: &[u8], index: Index) -> Result<Commands, String> {
    let (inside, commands): (Index, Commands) =
        labgob::decode(data).map_err(|error| format!("failed to {error}"))?;
    if inside != index {
        return Err(format!("it was made for index {inside}"));
    }
    Ok(commands)
}
