//! The servers of a cluster: how they start, crash, and reach each other.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use labrpc::{EndId, Network};
use parking_lot::{Mutex, MutexGuard};
use protocol::{FromNode, Life, Question, Term};

use super::calls::Calls;
use super::crash_point::CrashPoint;
use super::disk::Disk;
use super::elections::{Elections, Leadership};
use super::environment::Environment;
use super::journal::Journal;
use super::ledger::Step;
use super::names::{server_label, server_name};
use super::service::Service;
use super::wire::Wire;
use crate::nodes::{Node, Owner, Start};
use crate::runner::{Class, Failure, Happening, fail, record, record_save};

/// The side of connected servers while there is no partition.
pub(crate) const CONNECTED: usize = 0;

/// How soon after a restart or a snapshot a panic probably has to do with it.
pub(super) const SOON: Duration = Duration::from_secs(1);

/// How long `kill` may take when the test is over.
const KILL_LIMIT: Duration = Duration::from_secs(5);

/// The call of the submission that takes a snapshot.
const SNAPSHOT: &str = "Raft::snapshot";

/// The servers of a cluster, and what is known of them. The test and the threads that watch over the
/// servers share it.
pub(crate) struct Servers<S: Service> {
    pub(crate) service: S,
    /// The number of the first server. Servers have different numbers even in different clusters.
    first: usize,
    environment: Arc<Environment>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) slots: Vec<Mutex<Slot>>,
    pub(crate) elections: Mutex<Elections>,
    pub(crate) calls: Calls,
    /// Set when the test is over.
    pub(crate) done: AtomicBool,
}

/// The place of one server in its cluster.
#[derive(Default)]
pub(crate) struct Slot {
    /// `None` while it is down.
    pub(crate) running: Option<Arc<Node>>,
    /// It reaches the servers on the same side; `None` if it reaches no server.
    pub(crate) side: Option<usize>,
    pub(crate) disk: Disk,
    pub(crate) crash_point: CrashPoint,
    ends: Vec<EndId>,
    /// Counts starts and crashes: no two lives have the same.
    incarnation: u64,
    /// Whether its life was asked to end. What it says of itself from then on is no longer its state.
    is_ending: bool,
}

impl<S: Service> Servers<S> {
    /// Servers with these numbers; none of them is started yet.
    pub(crate) fn new(service: S, numbers: Range<usize>, environment: &Arc<Environment>) -> Self {
        let size = numbers.len();
        Servers {
            service,
            first: numbers.start,
            environment: environment.clone(),
            journal: environment.journal.clone(),
            slots: (0..size).map(|_| Mutex::default()).collect(),
            calls: Calls::default(),
            elections: Mutex::new(Elections::new(numbers)),
            done: AtomicBool::new(false),
        }
    }

    /// The number of a server among those of all clusters.
    pub(crate) fn number(&self, server: usize) -> usize {
        self.first + server
    }

    /// The server with this number; `None` if it is one of another cluster.
    pub(crate) fn slot_of(&self, number: usize) -> Option<usize> {
        number.checked_sub(self.first).filter(|slot| *slot < self.slots.len())
    }

    /// The leader by its number, if it is connected.
    pub(crate) fn leader(&self) -> Option<(usize, Leadership)> {
        let leadership = self.elections.lock().leadership()?;
        let is_connected = self.slots[leadership.server].lock().side.is_some();
        is_connected.then(|| (self.number(leadership.server), leadership))
    }

    /// How many servers are up and connected.
    pub(crate) fn present(&self) -> usize {
        let is_there = |slot: &&Mutex<Slot>| {
            let slot = slot.lock();
            slot.running.is_some() && slot.side.is_some()
        };
        self.slots.iter().filter(is_there).count()
    }

    /// What a server is called on the network.
    pub(crate) fn name(&self, server: usize) -> String {
        server_name(self.number(server))
    }

    /// What reports call a server.
    pub(crate) fn label(&self, server: usize) -> String {
        server_label(self.number(server))
    }

    /// The time since the test began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.environment.elapsed()
    }

    /// When something was since the test began, in seconds.
    pub(crate) fn seconds_at(&self, at: Instant) -> f64 {
        self.elapsed().saturating_sub(at.elapsed()).as_secs_f64()
    }

    /// What the network has shown of the servers.
    pub(crate) fn wire(&self) -> MutexGuard<'_, Wire> {
        self.environment.wire.lock()
    }

    fn network(&self) -> &Network {
        &self.environment.network
    }

    /// Starts a server from what is on its disk; it must be down.
    pub(crate) fn start(self: &Arc<Self>, server: usize) -> Result<(), Failure> {
        let name = self.name(server);
        let end_to = |to: &str| self.network().make_end(&name, to).id();
        let peers: Vec<String> = (0..self.slots.len()).map(|peer| self.name(peer)).collect();
        let controllers = self.service.controllers();
        let mut ends: Vec<EndId> = peers.iter().map(|peer| end_to(peer)).collect();
        let mut slot = self.slots[server].lock();
        slot.incarnation += 1;
        slot.is_ending = false;
        slot.ends = ends.clone();
        slot.crash_point = CrashPoint::default();
        let (incarnation, disk) = (slot.incarnation, slot.disk.clone());
        drop(slot);
        for controller in &controllers {
            let end = end_to(controller);
            self.network().enable(end, true);
            ends.push(end);
        }
        record(|| Happening::Start { server: name.clone(), life: incarnation.div_ceil(2) });
        let told = self.wire().start(&name);
        self.elections.lock().restart(server, told);
        self.service.start(server, incarnation, &disk)?;
        let life = Life {
            role: self.service.role(server),
            me: server,
            members: self.service.initial_members(),
            ends: peers,
            controllers,
            state: disk.state,
            snapshot: disk.snapshot,
            clock: self.environment.clock_of(&name, &format!("life {incarnation}")),
            machine: self.environment.machine_of(&name),
        };
        let start = Start { label: self.label(server), name: name.clone(), ends, life };
        let owner = LifeOwner { servers: Arc::downgrade(self), server, incarnation, name };
        let node = Node::start(self.network(), start, Box::new(owner));
        node.await_call();
        self.calls.call(server, S::START, || node.await_start());
        let handler = node.clone();
        self.network().add_remote_server(&self.name(server), move |request, responder| {
            handler.request(request, responder);
        });
        self.slots[server].lock().running = Some(node);
        Ok(())
    }

    /// Ends a server without warning, if it is up, and cuts it off.
    pub(crate) fn crash(&self, server: usize) {
        if let Some(node) = self.take_down(server) {
            node.kill();
        }
    }

    fn end_life(&self, server: usize) -> Option<Arc<Node>> {
        let mut slot = self.slots[server].lock();
        slot.is_ending = true;
        slot.running.clone()
    }

    /// Asks a server to end itself, if it is up, and cuts it off from the others.
    pub(crate) fn ask_to_end(&self, server: usize) {
        let Some(node) = self.end_life(server) else {
            return;
        };
        record(|| Happening::Kill { server: self.name(server) });
        if node.ask_within(Question::Kill, KILL_LIMIT).is_none() {
            fail(Failure::new(
                Class::Deadlock,
                format!("{} returns at once", S::KILL),
                format!(
                    "it has not returned on {} for {} s",
                    self.label(server),
                    KILL_LIMIT.as_secs()
                ),
            ));
        }
        self.move_to(server, None);
    }

    /// Cuts a server off. Returns its process, which is no longer a part of the cluster.
    fn take_down(&self, server: usize) -> Option<Arc<Node>> {
        self.move_to(server, None);
        let mut slot = self.slots[server].lock();
        let node = slot.running.take();
        slot.incarnation += u64::from(node.is_some());
        drop(slot);
        // Not before: then the network forgets that the server was cut off as it crashed, and what it has said since
        // would count.
        self.network().delete_server(&self.name(server));
        let node = node?;
        record(|| Happening::Crash { server: self.name(server) });
        self.service.crash(server);
        self.calls.end_all(server, SNAPSHOT);
        Some(node)
    }

    /// The names of the servers that reach each other, for the side of each.
    fn groups(&self, sides: &[Option<usize>]) -> Vec<Vec<String>> {
        let mut groups: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for (server, side) in sides.iter().enumerate() {
            // A server that is cut off is a group of its own.
            let group = side.unwrap_or(usize::MAX - server);
            groups.entry(group).or_default().push(self.name(server));
        }
        groups.into_values().collect()
    }

    /// Moves a server to a side, or away from all servers, and opens and closes the ends between it and
    /// each server, itself included.
    pub(crate) fn move_to(&self, server: usize, side: Option<usize>) {
        let mut slot = self.slots[server].lock();
        slot.side = side;
        let own = slot.ends.clone();
        drop(slot);
        let mut sides = Vec::with_capacity(self.slots.len());
        for (peer, slot) in self.slots.iter().enumerate() {
            let slot = slot.lock();
            sides.push(slot.side);
            let open = side.is_some() && slot.side == side;
            for end in own.get(peer).into_iter().chain(slot.ends.get(server)) {
                self.network().enable(*end, open);
            }
        }
        record(|| Happening::Network { groups: self.groups(&sides) });
    }
}

/// What one life of a server saves and applies.
struct LifeOwner<S: Service> {
    servers: Weak<Servers<S>>,
    server: usize,
    incarnation: u64,
    /// What the server is called on the network.
    name: String,
}

impl<S: Service> Owner for LifeOwner<S> {
    fn take(&self, message: FromNode) -> Result<(), Failure> {
        let Some(servers) = self.servers.upgrade() else {
            return Ok(());
        };
        let (server, network) = (self.server, servers.network());
        let kept = match &message {
            FromNode::Save { state, snapshot: None } if servers.cuts_log(server, state) => {
                servers.service.kept_commands()
            }
            _ => Vec::new(),
        };
        let mut slot = servers.slots[server].lock();
        if slot.incarnation != self.incarnation {
            return Ok(());
        }
        if let FromNode::Save { state, snapshot } = message {
            let cuts = snapshot.is_some() || state.length() < slot.disk.state.len();
            if !slot.crash_point.allows_save(network, &self.name, cuts) {
                return Ok(());
            }
            if let Some(snapshot) = snapshot.as_ref().filter(|new| **new != slot.disk.snapshot) {
                servers.service.save_snapshot(server, snapshot)?;
            }
            let has_snapshot = snapshot.is_some();
            let saved = slot.disk.save(&servers.label(server), &state, snapshot);
            let new_snapshot = has_snapshot.then_some(slot.disk.snapshot.as_slice());
            record_save(&slot.disk.state, new_snapshot, || Happening::Save {
                server: self.name.clone(),
                state: slot.disk.state.len() as u64,
                snapshot: Some(slot.disk.snapshot.len() as u64).filter(|length| *length > 0),
                state_text: None,
                snapshot_text: None,
            });
            drop(slot);
            return saved.and_then(|()| servers.check_kept(server, &kept));
        }
        // A server that has reached the point at which it crashes does nothing more.
        if network.is_cut(&self.name) {
            return Ok(());
        }
        // With the lock held: a crash ends the calls of this life, and none of them may begin after that.
        match message {
            FromNode::SnapshotBegins(_) => _ = servers.calls.begin(server, SNAPSHOT),
            FromNode::SnapshotEnds => servers.calls.end_all(server, SNAPSHOT),
            _ => {}
        }
        drop(slot);
        match message {
            FromNode::Applied(applied) => {
                match servers.service.apply(server, self.incarnation, applied)? {
                    Step::First(committed) => servers.check_saved(&committed),
                    Step::Conflict(conflict) => Err(servers.fail_conflict(&conflict)),
                    Step::Ignored | Step::Known => Ok(()),
                }
            }
            FromNode::SnapshotBegins(index) => {
                servers.service.make_snapshot(server, index);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn describe_life(&self) -> String {
        let Some(servers) = self.servers.upgrade() else {
            return String::new();
        };
        let restarted = servers.wire().restarted(&self.name).map(|at| at.elapsed());
        let Some(ago) = restarted.filter(|ago| *ago <= SOON) else {
            return servers.service.describe_last_snapshot(self.server);
        };
        let snapshot = servers.slots[self.server].lock().disk.snapshot.len();
        describe_restart(ago, snapshot)
    }

    fn observe(&self, state: (Term, bool), since: Instant) -> Result<(), Failure> {
        let Some(servers) = self.servers.upgrade() else {
            return Ok(());
        };
        // What a server says while it is being killed does not count, nor what an earlier life has said. Some forget their
        // term by then.
        if servers.done.load(Ordering::Relaxed) {
            return Ok(());
        }
        let slot = servers.slots[self.server].lock();
        if slot.incarnation != self.incarnation || slot.is_ending {
            return Ok(());
        }
        drop(slot);
        servers.observe(self.server, state, since)
    }
}

/// How long ago a server restarted, and with a snapshot of how many bytes.
fn describe_restart(ago: Duration, snapshot: usize) -> String {
    let found = match snapshot {
        0 => "without a snapshot".to_owned(),
        size => format!("with a snapshot of {size} bytes"),
    };
    format!("; it restarted {found} {:.1} s before", ago.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restart_is_told_with_the_snapshot_it_began_with() {
        let ago = Duration::from_millis(1_240);
        assert_eq!(describe_restart(ago, 0), "; it restarted without a snapshot 1.2 s before");
        let text = describe_restart(ago, 87);
        assert_eq!(text, "; it restarted with a snapshot of 87 bytes 1.2 s before");
    }
}
