//! The service of the Raft tests: it remembers every command that Raft applies, and does nothing else.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};
use labrpc::Server;
use parking_lot::Mutex;
use raft::{ApplyMsg, Index, Persister, Raft};

use super::applier::Applier;
use super::calls::Calls;
use super::journal::Journal;
use super::ledger::{Commands, Ledger};
use super::names::owner;
use super::service::{Life, Service};
use crate::runner::{Class, Failure};

/// The service of the Raft tests: its state is the list of all commands.
pub struct LogService {
    makes_snapshots: bool,
    pub(crate) ledger: Arc<Mutex<Ledger>>,
    journal: Arc<Journal>,
    /// Counts proposals: each is made to another server first.
    pub(crate) proposals: AtomicU64,
}

/// A Raft, and what takes its messages.
pub(crate) struct LogServer {
    pub(crate) raft: Arc<Raft>,
    /// Dropped to end the applier.
    alive: Mutex<Option<Sender<()>>>,
    /// A second receiver of the apply channel, to find out whether Raft is waiting to send.
    messages: Mutex<Option<Receiver<ApplyMsg>>>,
}

impl LogService {
    /// For a cluster of this size.
    pub(crate) fn new(size: usize, makes_snapshots: bool, journal: Arc<Journal>) -> Self {
        let ledger = Arc::new(Mutex::new(Ledger::new(size)));
        LogService { makes_snapshots, ledger, journal, proposals: AtomicU64::new(0) }
    }
}

impl Service for LogService {
    type Server = LogServer;

    fn start(&self, life: Life, calls: &Arc<Calls>) -> Result<LogServer, Failure> {
        let Life { server, incarnation, ends, persister } = life;
        let restored = restored_index(&persister, server)?;
        self.ledger.lock().restart(server, incarnation, restored);
        let (sender, messages) = bounded(0);
        let (alive, crashed) = bounded(0);
        let make = || Raft::make(ends, server, persister, sender);
        let raft = calls.call(server, "Raft::make", make);
        let applier = Applier {
            server,
            incarnation,
            raft: raft.clone(),
            messages: messages.clone(),
            crashed,
            makes_snapshots: self.makes_snapshots,
            ledger: self.ledger.clone(),
            journal: self.journal.clone(),
            calls: calls.clone(),
        };
        sim::as_owner(owner(server), || thread::spawn(move || applier.run()));
        Ok(LogServer { raft, alive: Mutex::new(Some(alive)), messages: Mutex::new(Some(messages)) })
    }

    fn raft(server: &LogServer) -> &Arc<Raft> {
        &server.raft
    }

    fn handlers(server: &LogServer) -> Server {
        Server::new().with(server.raft.rpc_service())
    }

    fn kill(&self, server: usize, running: &LogServer, calls: &Calls) {
        *running.alive.lock() = None;
        *running.messages.lock() = None;
        self.ledger.lock().crash(server);
        calls.call(server, "Raft::kill", || running.raft.kill());
    }

    fn last_applied(&self, server: usize) -> Option<Index> {
        Some(self.ledger.lock().last_applied(server))
    }

    fn explain_stuck(&self, server: usize, running: &LogServer, calls: &Calls) -> &'static str {
        let messages = running.messages.lock().clone();
        let is_sending = messages.is_some_and(|messages| messages.try_recv().is_ok());
        if is_sending && calls.is_active(server, "Raft::snapshot") {
            "; meanwhile another of its threads waits to send on the apply channel: the service takes \
             the next message only when snapshot() has returned, so Raft must not hold its lock while \
             it sends"
        } else {
            ""
        }
    }
}

/// The index up to which the service of a starting server is restored from its snapshot.
fn restored_index(persister: &Persister, server: usize) -> Result<Index, Failure> {
    let snapshot = persister.snapshot();
    if snapshot.is_empty() {
        return Ok(0);
    }
    match labgob::decode::<(Index, Commands)>(&snapshot) {
        Ok((index, _)) => Ok(index),
        Err(error) => {
            let expected =
                format!("the snapshot on the disk of server {server} was made by the service");
            Err(Failure::new(Class::Invariant, expected, format!("failed to {error}")))
        }
    }
}
