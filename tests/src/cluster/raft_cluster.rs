//! A cluster of Rafts alone, with a service of the tests' own on top: it only remembers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};
use labrpc::{Conditions, Server};
use parking_lot::Mutex;
use raft::{ApplyMsg, Index, Persister, Raft, Started};

use super::Cluster;
use super::applier::{Applier, decode_snapshot};
use super::ledger::Ledger;
use super::service::{Life, Service};
use super::shared::{Shared, owner};
use crate::case::{Run, Summary, Work};
use crate::runner::{Class, Failure};

/// A cluster of Rafts. Calls to the dead take up to 7 s to fail.
pub type RaftCluster = Cluster<LogService>;

/// Whether the service of the tests makes snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Snapshots {
    /// Never: the log holds everything.
    Off,
    /// After every tenth command.
    On,
}

/// The service of the tests: its state is the list of all commands.
pub struct LogService {
    pub(crate) snapshots: bool,
    pub(crate) ledger: Mutex<Ledger>,
    /// The server that `one` asked first.
    next_asked: AtomicU64,
}

/// A Raft and what takes its messages.
pub(crate) struct LogServer {
    raft: Arc<Raft>,
    /// Dropped to end the applier.
    alive: Mutex<Option<Sender<()>>>,
    /// A second receiver of the apply channel, to find out who is stuck.
    messages: Mutex<Option<Receiver<ApplyMsg>>>,
}

impl RaftCluster {
    /// Starts `size` servers on a reliable network.
    pub fn new(size: usize, snapshots: Snapshots, run: &Run) -> Self {
        let service = LogService {
            snapshots: snapshots == Snapshots::On,
            ledger: Mutex::new(Ledger::new(size)),
            next_asked: AtomicU64::new(0),
        };
        Cluster::launch(service, size, Conditions::reliable().with_long_delays(), run)
    }

    /// A command that no other draw gives.
    pub fn random_command(&self) -> String {
        format!("{:016x}", self.ground.draw_any())
    }

    /// Proposes a command to one server, whatever its role. `None` if it refuses or is down.
    pub fn start(&self, server: usize, command: &str) -> Option<Started> {
        let running = self.shared.slots[server].lock().running.clone()?;
        let command = command.as_bytes().to_vec();
        self.shared.probe.call(server, "Raft::start", || running.raft.start(command))
    }

    /// Proposes a command to every server. Returns those that have accepted it.
    pub fn start_on_all(&self, command: &str) -> Vec<(usize, Started)> {
        (0..self.size()).filter_map(|server| Some((server, self.start(server, command)?))).collect()
    }

    /// Proposes a command to the connected servers in turn, until one accepts it.
    pub(crate) fn propose(&self, command: &str) -> Option<(usize, Started)> {
        for _ in 0..self.size() {
            let turn = self.shared.service.next_asked.fetch_add(1, Ordering::Relaxed) + 1;
            let server = (turn % self.size() as u64) as usize;
            if !self.is_connected(server) {
                continue;
            }
            if let Some(started) = self.start(server, command) {
                return Some((server, started));
            }
        }
        None
    }

    /// Ends the test: all servers are killed, and the network stops.
    pub fn finish(&self) -> Summary {
        let commits = self.shared.service.ledger.lock().last_committed();
        self.stop(Work::Commits(commits))
    }
}

impl Service for LogService {
    type Server = LogServer;

    fn start(shared: &Arc<Shared<Self>>, life: Life) -> Result<LogServer, Failure> {
        let Life { server, incarnation, ends, persister } = life;
        let restored = restored_index(&persister, server)?;
        shared.service.ledger.lock().restart(server, incarnation, restored);
        let (sender, messages) = bounded(0);
        let (alive, crashed) = bounded(0);
        let make = || Raft::make(ends, server, persister, sender);
        let raft = shared.probe.call(server, "Raft::make", make);
        let applier = Applier {
            shared: shared.clone(),
            server,
            incarnation,
            raft: raft.clone(),
            messages: messages.clone(),
            crashed,
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

    fn kill(shared: &Shared<Self>, number: usize, server: &LogServer) {
        *server.alive.lock() = None;
        *server.messages.lock() = None;
        shared.service.ledger.lock().crash(number);
        shared.probe.call(number, "Raft::kill", || server.raft.kill());
    }

    fn last_applied(&self, number: usize) -> Option<Index> {
        Some(self.ledger.lock().last_applied(number))
    }

    fn explain_stuck(shared: &Shared<Self>, number: usize) -> &'static str {
        let running = shared.slots[number].lock().running.clone();
        let messages = running.and_then(|running| running.messages.lock().clone());
        let sending = messages.is_some_and(|messages| messages.try_recv().is_ok());
        if sending && shared.probe.is_active(number, "Raft::snapshot") {
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
    let index = labgob::decode::<(Index, Vec<Vec<u8>>)>(&snapshot).map(|(index, _)| index);
    let decoded = index
        .map_err(|error| format!("failed to {error}"))
        .and_then(|index| decode_snapshot(&snapshot, index).map(|_| index));
    decoded.map_err(|problem| {
        let expected =
            format!("the snapshot on the disk of server {server} is one that a service has made");
        Failure::new(Class::Invariant, expected, problem)
    })
}
