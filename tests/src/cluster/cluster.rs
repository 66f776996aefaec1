//! The cluster that a suite drives: servers that start, crash, and lose each other.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use labrpc::{Conditions, Delay, Event, Network, Totals};
use parking_lot::Mutex;
use raft::Term;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::report;
use super::service::Service;
use super::shared::{CONNECTED, Shared, server_name};
use crate::case::{Run, Summary, Work};
use crate::runner::{Class, Failure, fail, on_failure};

/// Servers that run a service, on a network of their own.
///
/// Servers are numbered from 0. All of them are started and connected when the cluster is made.
#[expect(private_bounds, reason = "what a service is concerns only the harness")]
pub struct Cluster<S: Service> {
    pub(crate) shared: Arc<Shared<S>>,
    started: Instant,
    rng: Mutex<SmallRng>,
    conditions: Mutex<Conditions>,
}

#[expect(private_bounds, reason = "what a service is concerns only the harness")]
impl<S: Service> Cluster<S> {
    /// Starts `size` servers on a network under these conditions.
    pub(crate) fn launch(service: S, size: usize, conditions: Conditions, run: &Run) -> Self {
        let shared = Arc::new(Shared::new(service, size, Network::new(run.seed)));
        let listener = shared.clone();
        shared.network.listen(move |event| {
            trace(event);
            listener.journal.message(event);
        });
        let explainer = shared.clone();
        on_failure(move || report::explain(&explainer));
        let monitor = shared.clone();
        thread::spawn(move || monitor.sample());
        let watchdog = shared.clone();
        thread::spawn(move || watchdog.watch());

        let cluster = Cluster {
            shared,
            started: Instant::now(),
            // The network draws from the same seed; the tests' own draws must not follow it.
            rng: Mutex::new(SmallRng::seed_from_u64(run.seed.rotate_left(32) ^ 0x7e57)),
            conditions: Mutex::new(conditions),
        };
        cluster.set_conditions(conditions);
        for server in 0..size {
            cluster.start_server(server);
        }
        for server in 0..size {
            cluster.connect(server);
        }
        cluster
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
        self.rng.lock().random_range(0..bound)
    }

    /// A number that no other draw gives.
    pub(crate) fn draw_any(&self) -> u64 {
        self.rng.lock().random()
    }

    /// Lets the network lose and delay messages, or stops it.
    pub fn set_reliable(&self, reliable: bool) {
        let Conditions { failure_delay, .. } = *self.conditions.lock();
        let conditions = if reliable { Conditions::reliable() } else { Conditions::unreliable() };
        self.set_conditions(Conditions { failure_delay, ..conditions });
    }

    /// Lets most replies be overtaken, from now on.
    pub fn set_long_reordering(&self) {
        let conditions = self.conditions.lock().with_long_reordering();
        self.set_conditions(conditions);
    }

    fn set_conditions(&self, conditions: Conditions) {
        *self.conditions.lock() = conditions;
        let conditions = if sim::is_active() { on_a_wire(conditions) } else { conditions };
        self.shared.network.set_conditions(conditions);
    }

    /// Connects a server with all that are connected, and not in a partition without it.
    pub fn connect(&self, server: usize) {
        self.shared.journal.note(format!("the test connects server {server}"));
        self.shared.move_to(server, Some(CONNECTED));
    }

    /// Cuts a server off from all others.
    pub fn disconnect(&self, server: usize) {
        self.shared.journal.note(format!("the test disconnects server {server}"));
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
            self.shared.journal.note(format!("the test crashes server {server}"));
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
        self.shared.journal.note(format!("the test starts server {server}"));
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
        self.shared.network.requests_to(&server_name(server))
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

    /// The time since the cluster was made.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Kills all servers and stops the network. Says what the test has measured, besides what was done.
    pub(crate) fn stop(&self, work: Work) -> Summary {
        let totals = self.totals();
        let summary = Summary {
            seconds: self.elapsed().as_secs_f64(),
            peers: self.size(),
            rpcs: totals.requests,
            bytes: totals.bytes,
            work,
        };
        self.shared.done.store(true, Ordering::Relaxed);
        for server in 0..self.size() {
            self.shared.crash(server);
        }
        self.shared.network.shutdown();
        summary
    }
}

/// Makes what happens on the network part of what identifies a simulated run.
fn trace(event: &Event<'_>) {
    let Event { message, kind, .. } = event;
    let (id, leg) = (message.id, message.leg);
    let text = format_args!(
        "{} from {} to {}, {leg:?} {}: {kind:?}",
        message.method, message.from, message.to, id.0
    );
    sim::note(id.0, text);
}

/// The same conditions on a network where messages travel for a while. In real time the threads'
/// own delays take this place; in virtual time nothing takes time by itself.
fn on_a_wire(conditions: Conditions) -> Conditions {
    let longer = |delay: Delay| Delay {
        least: delay.least + Duration::from_micros(100),
        most: delay.most + Duration::from_micros(500),
    };
    Conditions {
        request_delay: longer(conditions.request_delay),
        reply_delay: longer(conditions.reply_delay),
        ..conditions
    }
}
