//! The service of the Raft tests: it remembers every command that Raft applies, and does nothing else.
//!
//! It runs in the servers' processes. Here is what they tell of it, held against the ledger.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

use parking_lot::Mutex;
use protocol::{Answer, Applied, Index, Question, Role, ServicePlan, Term};

use super::calls::Calls;
use super::disk::Disk;
use super::journal::Journal;
use super::ledger::{Committed, Ledger, Step, show_command};
use super::proposals::Proposals;
use super::server_name;
use super::servers::SOON;
use super::service::Service;
use super::snapshots::{Indexes, SnapshotIndexes, decode_snapshot};
use crate::nodes::Node;
use crate::runner::{Class, Failure, Happening, record};

/// What a thread waits for that waits until somebody receives its message, as the simulation says it.
const SENDING: &str = "waits to send on a channel";

/// How many of the newest commands must stay on the disks that hold them. One save drops no more.
const KEPT: Index = 20;

/// The service of the Raft tests: its state is the list of all commands.
pub struct LogService {
    /// By server.
    plans: Vec<ServicePlan>,
    /// How many of the servers are members at first, if members change.
    members: Option<usize>,
    pub(crate) ledger: Mutex<Ledger>,
    pub(crate) snapshots: Mutex<SnapshotIndexes>,
    pub(crate) proposed: Mutex<Proposals>,
    journal: Arc<Journal>,
    /// Counts proposals: each is made to another server first.
    pub(crate) proposals: AtomicU64,
    /// Whether any command was proposed.
    pub(crate) has_commands: AtomicBool,
}

impl LogService {
    /// For a cluster with a server for each plan.
    pub(crate) fn new(
        plans: Vec<ServicePlan>,
        members: Option<usize>,
        journal: Arc<Journal>,
    ) -> Self {
        LogService {
            ledger: Mutex::new(Ledger::new(plans.len())),
            snapshots: Mutex::new(SnapshotIndexes::new(plans.len())),
            proposed: Mutex::default(),
            plans,
            members,
            journal,
            proposals: AtomicU64::new(0),
            has_commands: AtomicBool::new(false),
        }
    }

    /// Says if the service of a server should have got a snapshot before.
    fn with_snapshot(&self, server: usize, failure: Failure) -> Failure {
        let saved = self.snapshots.lock().of(server).saved;
        if saved <= self.ledger.lock().last_applied(server) {
            return failure;
        }
        let seen = format!(
            "{}; the snapshot on its disk reaches index {saved}, and its service has not got it",
            failure.seen
        );
        Failure { seen, ..failure }
    }

    fn install(
        &self,
        server: usize,
        incarnation: u64,
        (index, term): (Index, Term),
        data: &[u8],
    ) -> Result<(), Failure> {
        let invalid = |problem: String| {
            let unsaved = self.snapshots.lock().describe_unsaved();
            let expected = format!(
                "the snapshot that server {server} is given up to index {index} is one that the \
                 service has made for that index"
            );
            Failure::new(Class::Invariant, expected, format!("{problem}{unsaved}"))
        };
        if data.is_empty() {
            return Err(invalid("it is empty".to_owned()));
        }
        let (inside, commands) =
            decode_snapshot(data).map_err(|error| invalid(format!("failed to {error}")))?;
        if inside != index {
            return Err(invalid(format!("the service has made it for index {inside}")));
        }
        if self.ledger.lock().install(server, incarnation, index, &commands)? {
            record(|| Happening::Install { server: server_name(server), index });
            let text = format!("server {server} installs a snapshot up to index {index}");
            self.journal.note_of_server(text);
        }
        self.check_term_of_snapshot(server, index, term)
    }

    /// The last entry of a snapshot keeps its term, in whatever term the snapshot is made or sent (Figure 13).
    fn check_term_of_snapshot(
        &self,
        server: usize,
        index: Index,
        term: Term,
    ) -> Result<(), Failure> {
        let ledger = self.ledger.lock();
        let command = ledger.command(index);
        let known = command.and_then(|it| self.proposed.lock().term_of_entry(it, index));
        match known {
            Some(known) if known != term => Err(Failure::new(
                Class::Invariant,
                format!(
                    "the snapshot that server {server} is given up to index {index} names the term of the entry there: \
                     the leader put it into its log in term {known} (lastIncludedTerm in Figure 13)"
                ),
                format!("it names term {term}"),
            )),
            _ => Ok(()),
        }
    }
}

impl Service for LogService {
    const START: &'static str = "Raft::make";
    const KILL: &'static str = "Raft::kill";

    fn role(&self, server: usize) -> Role {
        Role::Raft { service: self.plans[server] }
    }

    fn initial_members(&self) -> Option<usize> {
        self.members
    }

    fn start(&self, server: usize, incarnation: u64, disk: &Disk) -> Result<(), Failure> {
        let restored = if disk.snapshot.is_empty() {
            0
        } else {
            let (index, _) = decode_snapshot(&disk.snapshot).map_err(|error| {
                let expected =
                    format!("the snapshot on the disk of server {server} was made by the service");
                Failure::new(Class::Invariant, expected, format!("failed to {error}"))
            })?;
            index
        };
        self.ledger.lock().restart(server, incarnation, restored, disk.half_cut);
        Ok(())
    }

    fn save_snapshot(&self, server: usize, snapshot: &[u8]) -> Result<(), Failure> {
        self.snapshots.lock().save(server, snapshot)
    }

    fn make_snapshot(&self, server: usize, index: Index) {
        self.snapshots.lock().make(server, index);
        record(|| Happening::Snapshot { server: server_name(server), index });
        let text = format!("server {server} makes a snapshot up to index {index}");
        self.journal.note_of_server(text);
    }

    fn describe_last_snapshot(&self, server: usize) -> String {
        let Indexes { made, made_at, .. } = self.snapshots.lock().of(server);
        match made_at.map(|at| at.elapsed()) {
            Some(ago) if ago <= SOON => format!(
                "; snapshot({made}) was called on it {:.2} s before: the entries after index {made} stay in its log \
                 (section 7)",
                ago.as_secs_f64()
            ),
            _ => String::new(),
        }
    }

    fn describe_unsaved_snapshot(&self, server: usize, index: Index) -> Option<String> {
        let Indexes { made, saved, .. } = self.snapshots.lock().of(server);
        (saved < index && index <= made).then(|| {
            format!(
                "; snapshot({made}) was called on it, and that snapshot is not on its disk: Raft's state and the snapshot are \
                 saved together, in one call of the persister"
            )
        })
    }

    fn crash(&self, server: usize) {
        self.ledger.lock().crash(server);
    }

    fn apply(&self, server: usize, incarnation: u64, applied: Applied) -> Result<Step, Failure> {
        let (index, command) = match applied {
            Applied::Command { index, command } => (index, command),
            Applied::Snapshot { index, term, data } => {
                self.install(server, incarnation, (index, term), &data)?;
                return Ok(Step::Known);
            }
        };
        record(|| Happening::Apply {
            server: server_name(server),
            index,
            command: String::from_utf8_lossy(&command).into_owned(),
        });
        let step = self.ledger.lock().apply(server, incarnation, index, command);
        let step = step.map_err(|failure| self.with_snapshot(server, failure))?;
        if !matches!(step, Step::Ignored) {
            self.journal.applied(server, index);
        }
        Ok(step)
    }

    fn describe_origin(&self, command: &[u8], index: Index) -> String {
        let origin = self.proposed.lock().describe(command, index);
        match self.ledger.lock().other_place(command, index) {
            Some(other) => {
                let shown = show_command(command);
                format!("; {shown} was applied at index {other}, too{origin}")
            }
            None => origin,
        }
    }

    fn accepted_in(&self, command: &[u8], server: usize, index: Index) -> Option<Term> {
        self.proposed.lock().accepted_in(command, server, index)
    }

    fn is_elsewhere(&self, command: &[u8], index: Index) -> bool {
        self.proposed.lock().is_elsewhere(command, index)
    }

    fn kept_commands(&self) -> Vec<Committed> {
        let ledger = self.ledger.lock();
        let newest = ledger.last_committed();
        let indexes = newest.saturating_sub(KEPT) + 1..=newest;
        let committed: Vec<Committed> = indexes
            .filter_map(|index| Some(Committed { index, command: ledger.command(index)?.to_vec() }))
            .collect();
        drop(ledger);
        let proposals = self.proposed.lock();
        committed
            .into_iter()
            .filter(|Committed { command, .. }| proposals.is_in_one_entry(command))
            .collect()
    }

    fn last_applied(&self, server: usize) -> Option<Index> {
        Some(self.ledger.lock().last_applied(server))
    }

    fn describe_progress(&self) -> String {
        let ledger = self.ledger.lock();
        let (newest, idle) = (ledger.last_committed(), ledger.idle_for().as_secs_f64());
        if newest == 0 {
            return format!("no command has been applied for {idle:.1} s");
        }
        let behind: Vec<String> = (0..self.plans.len())
            .filter(|server| ledger.last_applied(*server) < newest)
            .map(|server| format!("; {}", ledger.describe(server)))
            .collect();
        let behind = behind.concat();
        format!(
            "index {newest} is the last one that a server has applied, {idle:.1} s before{behind}"
        )
    }

    fn explain_stuck(&self, server: usize, node: &Node, calls: &Calls) -> &'static str {
        let second = Duration::from_secs(1);
        // To ask whether a message waits takes that message, and sets the server free. Its threads say it, too, where
        // they are simulated.
        let threads = node.threads();
        let sends = |node: &Node| match threads.as_slice() {
            [] => node.ask_within(Question::AppliesWait, second) == Some(Answer::AppliesWait(true)),
            threads => threads.iter().any(|(_, thread)| thread.waits == SENDING),
        };
        if calls.is_active(server, "Raft::snapshot") && sends(node) {
            "; meanwhile another of its threads waits to send on the apply channel: the service takes \
             the next message only when snapshot() has returned, so Raft must not hold its lock while \
             it sends"
        } else {
            ""
        }
    }
}
