//! A cluster of Rafts, and nothing but the service of the tests on top.

use std::sync::atomic::Ordering;

use labrpc::Conditions;
use protocol::{Index, Order, Question, Started};
use sim::Naps;

use super::Cluster;
use super::environment::Environment;
use super::log_service::LogService;
use super::snapshot_plan::Snapshots;
use crate::case::{Run, Summary, Work};
use crate::runner::{Happening, record};

/// A cluster of Rafts. Calls to servers that are down take up to 7 s to fail.
pub type RaftCluster = Cluster<LogService>;

impl RaftCluster {
    /// Starts `size` servers on a reliable network.
    pub fn new(size: usize, snapshots: Snapshots, run: &Run) -> Self {
        RaftCluster::launch_with(size, None, snapshots, None, run)
    }

    /// The same, and at first only this many of the servers are members of the cluster.
    pub fn with_members(size: usize, members: usize, snapshots: Snapshots, run: &Run) -> Self {
        RaftCluster::launch_with(size, Some(members), snapshots, None, run)
    }

    /// The same, and threads of the servers pause for long, in virtual time.
    pub fn with_naps(size: usize, snapshots: Snapshots, naps: Option<Naps>, run: &Run) -> Self {
        RaftCluster::launch_with(size, None, snapshots, naps, run)
    }

    fn launch_with(
        size: usize,
        members: Option<usize>,
        snapshots: Snapshots,
        naps: Option<Naps>,
        run: &Run,
    ) -> Self {
        let conditions = Conditions::reliable().with_long_delays();
        let environment = Environment::with_naps(conditions, naps, run);
        let journal = environment.journal.clone();
        let service = LogService::new(snapshots.plans(size, run), members, journal);
        Cluster::launch(service, size, &environment)
    }

    /// A command unlike all others, from the test's seed.
    pub fn random_command(&self) -> String {
        format!("{:016x}", self.environment.draw_any())
    }

    /// Proposes a command to one server, whatever its role. `None` if it refuses or is down.
    pub fn start(&self, server: usize, command: &str) -> Option<Started> {
        let running = self.servers.slots[server].lock().running.clone()?;
        self.servers.service.has_commands.store(true, Ordering::Relaxed);
        let proposed = &self.servers.service.proposed;
        proposed.lock().propose(command.as_bytes());
        let started = self.servers.calls.call(server, "Raft::start", || running.propose(command));
        if let Some(Started { index, term }) = started {
            proposed.lock().accept(command.as_bytes(), server, Started { index, term });
            record(|| Happening::Propose {
                server: self.servers.name(server),
                command: command.to_owned(),
                index: Some(index),
                term: Some(term),
            });
        }
        started
    }

    /// Proposes a command to every server. Returns those that have accepted it.
    pub fn start_on_all(&self, command: &str) -> Vec<(usize, Started)> {
        (0..self.size()).filter_map(|server| Some((server, self.start(server, command)?))).collect()
    }

    /// Has the service of a running server make a snapshot as soon as it has applied `index` as a command.
    pub fn snapshot_at(&self, server: usize, index: Index) {
        self.order(server, Order::SnapshotAt(index));
    }

    /// Has the service of a running server stop when it has applied `index` or a later one, before it makes
    /// a snapshot there.
    pub fn stop_service_at(&self, server: usize, index: Index) {
        self.order(server, Order::StopAt(index));
    }

    /// Has the service of a running server go on.
    pub fn resume_service(&self, server: usize) {
        self.order(server, Order::GoOn);
    }

    fn order(&self, server: usize, order: Order) {
        let running = self.servers.slots[server].lock().running.clone();
        if let Some(running) = running {
            self.environment.journal.note(format!("the service of server {server}: {order:?}"));
            running.ask(Question::Order(order));
        }
    }

    /// Ends the test. First the faults end, and all servers must agree once more; then they are killed, and the
    /// network stops.
    pub fn finish(&self) -> Summary {
        self.settle();
        let commits = self.servers.service.ledger.lock().last_committed();
        self.stop(Work::Commits(commits))
    }
}
