//! The cluster that a suite drives: servers that start, crash, and lose each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use labrpc::{ClientEnd, Conditions, Delay, EndId, Event, Network, Server, Totals};
use parking_lot::Mutex;
use raft::{ApplyMsg, Index, Persister, Raft, Started, Term};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::applier::{Applier, decode_snapshot};
use super::crash::Fuse;
use super::elections::Elections;
use super::journal::Journal;
use super::ledger::Ledger;
use super::probe::Probe;
use super::report;
use crate::case::{Run, Summary};
use crate::runner::{Class, Failure, fail, on_failure};

/// How often each server is asked for its term and role, besides when a test asks.
const SAMPLING: Duration = Duration::from_millis(20);

/// Whether the service of the tests makes snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Snapshots {
    /// Never: the log holds everything.
    Off,
    /// After every tenth command.
    On,
}

/// A Raft cluster on a network of its own.
///
/// Servers are numbered from 0. All of them are started and connected when the cluster is made.
pub struct RaftCluster {
    pub(crate) shared: Arc<Shared>,
    started: Instant,
    rng: Mutex<SmallRng>,
    conditions: Mutex<Conditions>,
    /// The server that `one` asks first.
    pub(crate) next_asked: AtomicU64,
}

/// What the cluster's own threads work on.
pub(crate) struct Shared {
    pub(crate) snapshots: bool,
    pub(crate) network: Network,
    pub(crate) slots: Vec<Mutex<Slot>>,
    /// Held while a server is asked for its state, so that answers are noted in the order they are given.
    asking: Vec<Mutex<()>>,
    pub(crate) ledger: Mutex<Ledger>,
    pub(crate) elections: Mutex<Elections>,
    pub(crate) journal: Journal,
    pub(crate) probe: Probe,
    done: AtomicBool,
}

/// The place of one server.
#[derive(Default)]
pub(crate) struct Slot {
    /// None while it is down.
    pub(crate) raft: Option<Arc<Raft>>,
    pub(crate) connected: bool,
    pub(crate) persister: Arc<Persister>,
    /// Where its present life ends.
    pub(crate) fuse: Fuse,
    ends: Vec<EndId>,
    incarnation: u64,
    /// Dropped to end the service of this life.
    alive: Option<Sender<()>>,
    /// A second receiver of the apply channel, to find out who is stuck.
    messages: Option<Receiver<ApplyMsg>>,
}

impl RaftCluster {
    /// Starts `size` servers on a reliable network on which calls to the dead take up to 7 s to fail.
    pub fn new(size: usize, snapshots: Snapshots, run: &Run) -> Self {
        let shared = Arc::new(Shared {
            snapshots: snapshots == Snapshots::On,
            network: Network::new(run.seed),
            slots: (0..size).map(|_| Mutex::default()).collect(),
            asking: (0..size).map(|_| Mutex::default()).collect(),
            ledger: Mutex::new(Ledger::new(size)),
            elections: Mutex::new(Elections::new(size)),
            journal: Journal::new(),
            probe: Probe::default(),
            done: AtomicBool::new(false),
        });
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

        let cluster = RaftCluster {
            shared,
            started: Instant::now(),
            // The network draws from the same seed; the tests' own draws must not follow it.
            rng: Mutex::new(SmallRng::seed_from_u64(run.seed.rotate_left(32) ^ 0x7e57)),
            conditions: Mutex::new(Conditions::reliable().with_long_delays()),
            next_asked: AtomicU64::new(0),
        };
        cluster.set_reliable(true);
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

    /// A command that no other draw gives.
    pub fn random_command(&self) -> String {
        format!("{:016x}", self.rng.lock().random::<u64>())
    }

    /// Lets the network lose and delay messages, or stops it.
    pub fn set_reliable(&self, reliable: bool) {
        let conditions = if reliable { Conditions::reliable() } else { Conditions::unreliable() };
        self.set_conditions(conditions.with_long_delays());
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

    /// Connects a server with all that are connected.
    pub fn connect(&self, server: usize) {
        self.shared.journal.note(format!("the test connects server {server}"));
        self.shared.slots[server].lock().connected = true;
        self.shared.switch(server, true);
    }

    /// Cuts a server off from all others.
    pub fn disconnect(&self, server: usize) {
        self.shared.journal.note(format!("the test disconnects server {server}"));
        self.shared.cut(server);
    }

    /// Whether the test has the server connected.
    pub fn is_connected(&self, server: usize) -> bool {
        self.shared.slots[server].lock().connected
    }

    /// Whether the server is up.
    pub fn is_running(&self, server: usize) -> bool {
        self.shared.slots[server].lock().raft.is_some()
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

    /// Proposes a command to one server, whatever its role. `None` if it refuses or is down.
    pub fn start(&self, server: usize, command: &str) -> Option<Started> {
        let raft = self.shared.slots[server].lock().raft.clone()?;
        let command = command.as_bytes().to_vec();
        self.shared.probe.call(server, "start", || raft.start(command))
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

    /// The time since the cluster was made.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Ends the test: all servers are killed, and the network stops.
    pub fn finish(&self) -> Summary {
        let totals = self.totals();
        let summary = Summary {
            seconds: self.elapsed().as_secs_f64(),
            peers: self.size(),
            rpcs: totals.requests,
            bytes: totals.bytes,
            commits: self.shared.ledger.lock().last_committed(),
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

/// Whom a server's threads work for, in a simulation.
pub(crate) fn owner(server: usize) -> u32 {
    server as u32
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

/// What a server is called on the network.
pub(crate) fn server_name(server: usize) -> String {
    format!("server-{server}")
}

impl Shared {
    /// Asks a running server for its state, and holds the answer against the rules of elections.
    pub(crate) fn ask(&self, server: usize) -> Option<(Term, bool)> {
        let _asking = self.asking[server].lock();
        let raft = self.slots[server].lock().raft.clone()?;
        let (term, leads) = self.probe.call(server, "get_state", || raft.get_state());
        // A server that the test has crashed meanwhile speaks for nobody.
        let slot = self.slots[server].lock();
        if !slot.raft.as_ref().is_some_and(|current| Arc::ptr_eq(current, &raft)) {
            return None;
        }
        let result = self.elections.lock().observe(server, term, leads);
        drop(slot);
        match result {
            Ok(rises) if rises => self.journal.note(format!("server {server} leads term {term}")),
            Ok(_) => {}
            Err(failure) => fail(failure),
        }
        Some((term, leads))
    }

    fn start(self: &Arc<Self>, server: usize) -> Result<(), Failure> {
        let ends: Vec<ClientEnd> = (0..self.slots.len())
            .map(|peer| self.network.make_end(&server_name(server), &server_name(peer)))
            .collect();
        let mut slot = self.slots[server].lock();
        slot.incarnation += 1;
        slot.ends = ends.iter().map(ClientEnd::id).collect();
        slot.persister = Arc::new(slot.persister.copy());
        slot.fuse = Fuse::default();
        slot.fuse.watch(&slot.persister, &self.network, server);
        let (incarnation, persister) = (slot.incarnation, slot.persister.clone());
        drop(slot);

        let restored = restored_index(&persister, server)?;
        self.ledger.lock().restart(server, incarnation, restored);
        self.elections.lock().restart(server);
        let (sender, messages) = bounded(0);
        let (alive, crashed) = bounded(0);
        let raft = self.probe.call(server, "make", || Raft::make(ends, server, persister, sender));
        let applier = Applier {
            shared: self.clone(),
            server,
            incarnation,
            raft: raft.clone(),
            messages: messages.clone(),
            crashed,
        };
        sim::as_owner(owner(server), || thread::spawn(move || applier.run()));

        let service = Server::new()
            .with(raft.rpc_service())
            .called_by(move |handle| sim::as_owner(owner(server), handle));
        self.network.add_server(&server_name(server), service);
        let mut slot = self.slots[server].lock();
        slot.raft = Some(raft);
        slot.alive = Some(alive);
        slot.messages = Some(messages);
        Ok(())
    }

    fn crash(&self, server: usize) {
        self.cut(server);
        self.network.delete_server(&server_name(server));
        let mut slot = self.slots[server].lock();
        let Some(raft) = slot.raft.take() else {
            return;
        };
        slot.alive = None;
        slot.messages = None;
        // What the old life's threads still save goes to a disk that nobody reads.
        slot.persister = Arc::new(slot.persister.copy());
        slot.incarnation += 1;
        drop(slot);
        self.ledger.lock().crash(server);
        self.probe.call(server, "kill", || raft.kill());
    }

    fn cut(&self, server: usize) {
        self.switch(server, false);
        self.slots[server].lock().connected = false;
    }

    /// Opens or closes all ends between a server and those that are connected.
    fn switch(&self, server: usize, open: bool) {
        let own = self.slots[server].lock().ends.clone();
        for (peer, slot) in self.slots.iter().enumerate() {
            let (connected, ends) = {
                let slot = slot.lock();
                (slot.connected, slot.ends.clone())
            };
            if connected || !open {
                for end in own.get(peer).into_iter().chain(ends.get(server)) {
                    self.network.enable(*end, open);
                }
            }
        }
    }

    /// The monitor: asks every server, all the time.
    fn sample(&self) {
        while !self.done.load(Ordering::Relaxed) {
            for server in 0..self.slots.len() {
                self.ask(server);
            }
            thread::sleep(SAMPLING);
        }
    }

    /// The watchdog: a call into a server that never returns ends the test, with the reason if it can
    /// be found out.
    fn watch(&self) {
        while !self.done.load(Ordering::Relaxed) {
            if let Some(stuck) = self.probe.stuck() {
                let seen = format!(
                    "Raft::{} has not returned on server {} for {} s{}",
                    stuck.method,
                    stuck.server,
                    stuck.since.elapsed().as_secs(),
                    self.explain_stuck(stuck.server)
                );
                let expected = format!("Raft::{} returns at once", stuck.method);
                fail(Failure::new(Class::Deadlock, expected, seen));
            }
            thread::sleep(Duration::from_millis(200));
        }
    }

    fn explain_stuck(&self, server: usize) -> &'static str {
        let messages = self.slots[server].lock().messages.clone();
        let sending = messages.is_some_and(|messages| messages.try_recv().is_ok());
        if sending && self.probe.is_active(server, "snapshot") {
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
