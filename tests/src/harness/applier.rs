//! The service of the Raft tests on one server: it holds what Raft applies against the ledger, and makes
//! snapshots.

use std::sync::Arc;

use crossbeam_channel::{Receiver, select};
use parking_lot::Mutex;
use raft::{ApplyMsg, Index, Raft};

use super::calls::Calls;
use super::journal::Journal;
use super::ledger::{Commands, Ledger};
use crate::runner::{Class, Failure, fail};

/// With snapshots, the service makes one after this many commands.
const SNAPSHOT_INTERVAL: Index = 10;

/// How often a service is interrupted when it gets a message, in a simulation: once in this many times.
const APPLY_INTERRUPTS: u32 = 4;

/// The service on one server, for one life of that server.
pub(crate) struct Applier {
    pub(crate) server: usize,
    pub(crate) incarnation: u64,
    pub(crate) raft: Arc<Raft>,
    pub(crate) messages: Receiver<ApplyMsg>,
    /// Closed when the server crashes.
    pub(crate) crashed: Receiver<()>,
    pub(crate) makes_snapshots: bool,
    pub(crate) ledger: Arc<Mutex<Ledger>>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) calls: Arc<Calls>,
}

impl Applier {
    /// Takes messages until the server crashes.
    pub(crate) fn run(self) {
        loop {
            select! {
                recv(self.crashed) -> _ => return,
                recv(self.messages) -> message => match message {
                    Ok(message) => self.take(message),
                    // Raft has dropped its sender. If the server has not crashed, it applies nothing
                    // from now on, and the test notices.
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
        let is_alive = self.ledger.lock().apply(self.server, self.incarnation, index, command)?;
        if !is_alive {
            return Ok(());
        }
        self.journal.applied(self.server, index);
        if self.makes_snapshots && (index + 1).is_multiple_of(SNAPSHOT_INTERVAL) {
            let commands = self.ledger.lock().state_at(index);
            let data = labgob::encode(&(index, commands));
            // Called from this thread on purpose: a Raft that holds its lock while it sends on the apply
            // channel deadlocks here.
            self.calls.call(self.server, "Raft::snapshot", || self.raft.snapshot(index, data));
        }
        Ok(())
    }

    fn install(&self, index: Index, data: &[u8]) -> Result<(), Failure> {
        let server = self.server;
        let commands = decode_snapshot(data, index).map_err(|problem| {
            let expected = format!(
                "the snapshot up to index {index} that server {server} is given was made by the service"
            );
            Failure::new(Class::Invariant, expected, problem)
        })?;
        if self.ledger.lock().install(server, self.incarnation, index, &commands)? {
            self.journal.note(format!("server {server} installs a snapshot up to index {index}"));
        }
        Ok(())
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
