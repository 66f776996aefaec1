//! The cluster that a suite drives: servers that start, crash, and lose each other.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use labrpc::{Conditions, Network, Totals};
use raft::Term;

use super::ground::Ground;
use super::report;
use super::service::Service;
use super::shared::{CONNECTED, Shared};
use crate::case::{Run, Summary, Work};
use crate::runner::{Class, Failure, fail, on_failure};

/// Servers that run a service, on a network of their own.
///
/// Servers are numbered from 0. All of them are started and connected when the cluster is made.
#[expect(private_bounds, reason = "what a service is concerns only the harness")]
pub struct Cluster<S: Service> {
    pub(crate) shared: Arc<Shared<S>>,
    pub(crate) ground: Arc<Ground>,
}

#[expect(private_bounds, reason = "what a service is concerns only the harness")]
impl<S: Service> Cluster<S> {
    /// Starts `size` servers on a network of their own, under these conditions.
    pub(crate) fn launch(service: S, size: usize, conditions: Conditions, run: &Run) -> Self {
        let cluster = Cluster::place(&Ground::new(conditions, run), service, 0..size);
        let explainer = cluster.shared.clone();
        on_failure(move || report::explain(&report::rows(&explainer), &explainer.journal));
        cluster.switch_on();
        cluster
    }

    /// Prepares servers with these numbers; they are not started yet. Within the cluster they count from
    /// 0.
    pub(crate) fn place(ground: &Arc<Ground>, service: S, numbers: Range<usize>) -> Self {
        let shared = Arc::new(Shared::new(service, numbers, ground));
        Cluster { shared, ground: ground.clone() }
    }

    /// Starts and connects all servers, and the watch over them.
    pub(crate) fn switch_on(&self) {
        let monitor = self.shared.clone();
        thread::spawn(move || monitor.sample());
        let watchdog = self.shared.clone();
        thread::spawn(move || watchdog.watch());
        for server in 0..self.size() {
            self.start_server(server);
        }
        for server in 0..self.size() {
            self.connect(server);
        }
    }

    /// The number of servers.
    pub fn size(&self) -> usize {
        self.shared.slots.len()
    }

    /// The network, for tests that decide about single messages. Server 0 is `server-0` there.
    pub fn network(&self) -> &Network {
        &self.shared.network
    }

    /// A whole number below `bound`, from the test's seed.
    pub fn draw(&self, bound: u64) -> u64 {
        self.ground.draw(bound)
    }

    /// Lets the network lose and delay messages, or stops it.
    pub fn set_reliable(&self, reliable: bool) {
        self.ground.set_reliable(reliable);
    }

    /// Lets most replies be overtaken, from now on.
    pub fn set_long_reordering(&self) {
        self.ground.set_long_reordering();
    }

    /// Connects a server with all that are connected, and not in a partition without it.
    pub fn connect(&self, server: usize) {
        self.shared
            .journal
            .note(format!("the test connects server {}", self.shared.number(server)));
        self.shared.move_to(server, Some(CONNECTED));
    }

    /// Cuts a server off from all others.
    pub fn disconnect(&self, server: usize) {
        self.shared
            .journal
            .note(format!("the test disconnects server {}", self.shared.number(server)));
        self.shared.move_to(server, None);
    }

    /// Splits the cluster: servers reach those on the same side, and nobody else. `sides` holds each
    /// server once. Clients reach whom they reached before.
    pub fn partition(&self, sides: &[&[usize]]) {
        self.shared.journal.note(format!("the test splits the servers: {sides:?}"));
        for (servers, side) in sides.iter().zip(CONNECTED + 1..) {
            servers.iter().for_each(|server| self.shared.move_to(*server, Some(side)));
        }
    }

    /// Connects all servers.
    pub fn heal(&self) {
        self.shared.journal.note("the test connects all servers".to_owned());
        (0..self.size()).for_each(|server| self.shared.move_to(server, Some(CONNECTED)));
    }

    /// Whether the test has the server connected.
    pub fn is_connected(&self, server: usize) -> bool {
        self.shared.slots[server].lock().side.is_some()
    }

    /// The servers that are connected.
    pub(crate) fn connected(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.size()).filter(|server| self.is_connected(*server))
    }

    /// Whether the server is up.
    pub fn is_running(&self, server: usize) -> bool {
        self.shared.slots[server].lock().running.is_some()
    }

    /// Ends a server without warning. What it has saved stays.
    pub fn crash(&self, server: usize) {
        if self.is_running(server) {
            self.shared
                .journal
                .note(format!("the test crashes server {}", self.shared.number(server)));
        }
        self.shared.crash(server);
    }

    /// Starts a server from what it has saved, after a crash if it is up. It is not connected yet.
    pub fn restart(&self, server: usize) {
        self.crash(server);
        self.start_server(server);
    }

    /// Restarts a server and connects it.
    pub fn restart_connected(&self, server: usize) {
        self.restart(server);
        self.connect(server);
    }

    fn start_server(&self, server: usize) {
        self.shared.journal.note(format!("the test starts server {}", self.shared.number(server)));
        if let Err(failure) = self.shared.start(server) {
            fail(failure);
        }
    }

    /// The term of a running server, and whether it claims to lead.
    pub fn get_state(&self, server: usize) -> Option<(Term, bool)> {
        self.shared.ask(server)
    }

    /// Waits until exactly one of the connected servers leads the newest term, and returns it. There
    /// must be one within ten rounds of half a second.
    pub fn check_one_leader(&self) -> usize {
        for _ in 0..10 {
            thread::sleep(Duration::from_millis(450 + self.draw(100)));
            let leaders = self.connected().filter_map(|server| match self.get_state(server) {
                Some((term, true)) => Some((term, server)),
                _ => None,
            });
            if let Some((_, leader)) = leaders.max() {
                return leader;
            }
        }
        fail(Failure::new(
            Class::NoProgress,
            "a connected server leads within 5 s".to_owned(),
            format!(
                "none of the connected servers {:?} does",
                self.connected().collect::<Vec<_>>()
            ),
        ))
    }

    /// The requests that have been delivered to a server.
    pub fn requests_to(&self, server: usize) -> u64 {
        self.shared.network.requests_to(&self.shared.name(server))
    }

    /// What the network has carried so far.
    pub fn totals(&self) -> Totals {
        self.shared.network.totals()
    }

    /// The size in bytes of the largest Raft state on any server's disk.
    pub fn largest_state(&self) -> usize {
        let sizes = self.shared.slots.iter().map(|slot| slot.lock().persister.state_size());
        sizes.max().unwrap_or(0)
    }

    /// The size in bytes of the largest snapshot on any server's disk.
    pub fn largest_snapshot(&self) -> usize {
        let sizes = self.shared.slots.iter().map(|slot| slot.lock().persister.snapshot_size());
        sizes.max().unwrap_or(0)
    }

    /// The time since the test began.
    pub fn elapsed(&self) -> Duration {
        self.ground.elapsed()
    }

    /// Kills all servers, and ends the watch over them.
    pub(crate) fn switch_off(&self) {
        self.shared.done.store(true, Ordering::Relaxed);
        for server in 0..self.size() {
            self.shared.crash(server);
        }
    }

    /// Kills all servers and stops the network. Says what the test has measured, besides what was done.
    pub(crate) fn stop(&self, work: Work) -> Summary {
        let summary = self.ground.summary(self.size(), work);
        self.switch_off();
        self.network().shutdown();
        summary
    }
}
