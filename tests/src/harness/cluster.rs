//! The cluster that a suite drives: servers that start, crash, and lose each other.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use labrpc::{Network, Totals};
use protocol::{Machine, Term};

use super::environment::Environment;
use super::leftovers::await_ends;
use super::servers::{CONNECTED, Servers};
use super::service::Service;
use super::{monitor, report};
use crate::case::{Summary, Work};
use crate::runner::{Class, Failure, fail, on_failure, threads_on_failure};

/// Servers that replicate a service.
///
/// Tests number the servers of a cluster from 0. All of them are started and connected at the beginning.
#[expect(private_bounds, reason = "what a service is concerns only the harness")]
pub struct Cluster<S: Service> {
    pub(crate) servers: Arc<Servers<S>>,
    pub(crate) environment: Arc<Environment>,
}

#[expect(private_bounds, reason = "what a service is concerns only the harness")]
impl<S: Service> Cluster<S> {
    /// Starts `size` servers, the only cluster of a test.
    pub(crate) fn launch(service: S, size: usize, environment: &Arc<Environment>) -> Self {
        let cluster = Cluster::prepare(service, 0..size, environment);
        let servers = cluster.servers.clone();
        on_failure(move || report::explain(&report::rows(&servers), &servers.journal));
        let servers = cluster.servers.clone();
        threads_on_failure(move || report::threads(&servers));
        cluster.start_all();
        cluster
    }

    /// Prepares servers with these numbers, one cluster of several; they are not started yet.
    pub(crate) fn prepare(
        service: S,
        numbers: Range<usize>,
        environment: &Arc<Environment>,
    ) -> Self {
        let servers = Arc::new(Servers::new(service, numbers, environment));
        Cluster { servers, environment: environment.clone() }
    }

    /// Starts and connects all servers, and watches over them.
    pub(crate) fn start_all(&self) {
        monitor::start(&self.servers);
        for server in 0..self.size() {
            self.start_server(server);
        }
        for server in 0..self.size() {
            self.connect(server);
        }
    }

    /// The number of servers.
    pub fn size(&self) -> usize {
        self.servers.slots.len()
    }

    /// The network, for tests that decide about single messages. Server 0 is `server-0` there.
    pub fn network(&self) -> &Network {
        &self.environment.network
    }

    /// A whole number below `bound`, from the test's seed.
    pub fn draw(&self, bound: u64) -> u64 {
        self.environment.draw(bound)
    }

    /// Whether something happens that does so this many times in `of`, from the test's seed; never in a run in which
    /// the tester leaves nothing to chance.
    pub fn by_chance(&self, times: u64, of: u64) -> bool {
        self.environment.by_chance(times, of)
    }

    /// Whether the test disturbs the servers now, where it always does; but not in a run in which it leaves nothing to
    /// chance.
    pub fn is_disturbed(&self) -> bool {
        self.environment.by_chance(1, 1)
    }

    /// Lets the network deliver every message at once, or lose and delay some.
    pub fn set_reliable(&self, reliable: bool) {
        self.environment.set_reliable(reliable);
    }

    /// Delays most replies, so that later ones overtake them.
    pub fn set_long_reordering(&self) {
        self.environment.set_long_reordering();
    }

    /// Connects a server with all connected servers, except those in a partition.
    pub fn connect(&self, server: usize) {
        self.note(format!("the test connects server {}", self.servers.number(server)));
        self.servers.move_to(server, Some(CONNECTED));
    }

    /// Cuts a server off from all others.
    pub fn disconnect(&self, server: usize) {
        self.note(format!("the test disconnects server {}", self.servers.number(server)));
        self.servers.move_to(server, None);
    }

    /// Splits the cluster: servers reach the servers on their side, and no others. `sides` holds each
    /// server once. Clients reach the same servers as before.
    pub fn partition(&self, sides: &[&[usize]]) {
        self.note(format!("the test splits the servers: {sides:?}"));
        for (servers, side) in sides.iter().zip(CONNECTED + 1..) {
            servers.iter().for_each(|server| self.servers.move_to(*server, Some(side)));
        }
    }

    /// Connects all servers.
    pub fn heal(&self) {
        self.note("the test connects all servers".to_owned());
        (0..self.size()).for_each(|server| self.servers.move_to(server, Some(CONNECTED)));
    }

    /// Whether the server is connected, as far as the test is concerned.
    pub fn is_connected(&self, server: usize) -> bool {
        self.servers.slots[server].lock().side.is_some()
    }

    /// The servers that are connected.
    pub(crate) fn connected(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.size()).filter(|server| self.is_connected(*server))
    }

    /// Whether the server is up.
    pub fn is_running(&self, server: usize) -> bool {
        self.servers.slots[server].lock().running.is_some()
    }

    /// The name of the server whose reply to a client of this name has arrived last; `None` before the first.
    pub fn last_answer_to(&self, client: &str) -> Option<String> {
        self.environment.wire.lock().last_answer_to(client)
    }

    /// Ends a server without warning, and cuts it off. What it has saved stays.
    pub fn crash(&self, server: usize) {
        if self.is_running(server) {
            self.note(format!("the test crashes server {}", self.servers.number(server)));
        }
        self.servers.crash(server);
    }

    /// Has a server end itself, as at the end of a test. Its process and its links stay.
    pub fn kill(&self, server: usize) {
        self.note(format!("the test kills server {}", self.servers.number(server)));
        self.servers.ask_to_end(server);
    }

    /// Fails the test if a server that was killed has threads left after 10 s. On the clock nothing is looked at.
    pub fn check_end(&self, server: usize) {
        await_ends();
        self.servers.check_end(server);
    }

    /// Starts a server from what it has saved; if it is up, it crashes first. It is not connected yet.
    pub fn restart(&self, server: usize) {
        self.crash(server);
        self.start_server(server);
    }

    /// Restarts a server and connects it.
    pub fn restart_connected(&self, server: usize) {
        self.restart(server);
        self.connect(server);
    }

    /// Restarts a server on another machine, and connects it.
    pub fn restart_on(&self, server: usize, machine: Machine) {
        self.environment.set_machine(&self.servers.name(server), machine);
        self.restart_connected(server);
    }

    /// Adds a line to the events of the run.
    pub fn note(&self, text: String) {
        self.environment.journal.note(text);
    }

    fn start_server(&self, server: usize) {
        self.note(format!("the test starts server {}", self.servers.number(server)));
        if let Err(failure) = self.servers.start(server) {
            fail(failure);
        }
    }

    /// The term of a running server, and whether it says that it is the leader.
    pub fn get_state(&self, server: usize) -> Option<(Term, bool)> {
        self.servers.ask(server)
    }

    /// Has a server hand its office over to another one. Whether it will try; `false` if it is down.
    pub fn transfer_leadership(&self, server: usize, to: usize) -> bool {
        let Some(running) = self.servers.slots[server].lock().running.clone() else {
            return false;
        };
        self.note(format!("the test has server {server} hand its office over to server {to}"));
        let call = || running.transfer_leadership(to);
        let tries =
            self.servers.calls.call(server, "Raft::transfer_leadership", call) == Some(true);
        let answer = if tries { "does so" } else { "refuses" };
        self.note(format!("server {server} {answer}"));
        tries
    }

    /// Waits until a connected server is leader, and returns it; of several, the one with the latest term.
    /// There must be one within twenty rounds of half a second: more than the assignment grants, because
    /// chance may split several votes in a row.
    pub fn check_one_leader(&self) -> usize {
        let begun = self.begin_to_wait();
        for _ in 0..20 {
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
            format!(
                "a connected server becomes leader within 10 s: {} of {} are connected",
                self.connected().count(),
                self.size()
            ),
            format!("none of them leads: {}", self.describe_candidacies(&begun)),
        ))
    }

    /// The requests that have been delivered to a server.
    pub fn requests_to(&self, server: usize) -> u64 {
        self.network().requests_to(&self.servers.name(server))
    }

    /// What the network has carried so far.
    pub fn totals(&self) -> Totals {
        self.network().totals()
    }

    /// What is wrong if the Raft state on a server's disk has more than `limit` bytes, although a snapshot is
    /// due before.
    pub(crate) fn uncut_state(&self, limit: usize) -> Option<String> {
        let sizes = self.servers.slots.iter().enumerate().map(|(server, slot)| {
            let slot = slot.lock();
            (slot.disk.state.len(), server, slot.disk.snapshot.is_empty())
        });
        let (size, server, has_none) = sizes.max().filter(|(size, ..)| *size > limit)?;
        let reason = if has_none {
            ", and no snapshot on its disk: its service has made none, or Raft has not taken it at the index \
             that was named"
        } else {
            ""
        };
        let restarted = self.servers.wire().restarted(&self.servers.name(server));
        let restarted = restarted.map_or_else(String::new, |at| {
            format!("; it restarted {:.1} s before", at.elapsed().as_secs_f64())
        });
        Some(format!("{} has {size} bytes{reason}{restarted}", self.servers.label(server)))
    }

    /// The size in bytes of the Raft state on a server's disk.
    pub fn state_size(&self, server: usize) -> usize {
        self.servers.slots[server].lock().disk.state.len()
    }

    /// The size in bytes of the largest snapshot on any server's disk.
    pub fn largest_snapshot(&self) -> usize {
        let sizes = self.servers.slots.iter().map(|slot| slot.lock().disk.snapshot.len());
        sizes.max().unwrap_or(0)
    }

    /// The time since the test began.
    pub fn elapsed(&self) -> Duration {
        self.environment.elapsed()
    }

    /// Ends all servers without warning and stops the network: what the test needs is another cluster. Returns what the
    /// test has measured.
    pub fn abandon(&self) -> Summary {
        self.servers.done.store(true, Ordering::Relaxed);
        self.servers.service.abandon();
        let summary = self.environment.summary(self.size(), Work::Commits(0));
        (0..self.size()).for_each(|server| self.servers.crash(server));
        self.network().shutdown();
        summary
    }

    /// Kills all servers, and no longer watches over them.
    pub(crate) fn stop_all(&self) {
        self.ask_all_to_end();
        await_ends();
        self.end_all();
    }

    /// Asks all servers to end, and no longer watches over them.
    pub(crate) fn ask_all_to_end(&self) {
        self.servers.done.store(true, Ordering::Relaxed);
        // A caller of a message that is held would wait for its reply.
        for held in self.network().held() {
            self.network().discard(held.id);
        }
        (0..self.size()).for_each(|server| self.servers.ask_to_end(server));
    }

    /// Ends all servers, which were asked to do so: their threads must have ended by now.
    pub(crate) fn end_all(&self) {
        self.servers.check_ends();
        (0..self.size()).for_each(|server| self.servers.crash(server));
    }

    /// Kills all servers and stops the network. Returns what the test has measured; `work` is what it has
    /// had the servers do.
    pub(crate) fn stop(&self, work: Work) -> Summary {
        let summary = self.environment.summary(self.size(), work);
        self.stop_all();
        self.network().shutdown();
        summary
    }
}
