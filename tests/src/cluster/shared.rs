//! What a cluster's own threads work on: its servers, and the watch over them.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use labrpc::{ClientEnd, EndId, Network};
use parking_lot::Mutex;
use raft::{Persister, Term};

use super::crash::Fuse;
use super::elections::Elections;
use super::ground::Ground;
use super::journal::Journal;
use super::probe::Probe;
use super::service::{Life, Service};
use crate::runner::{Class, Failure, fail};

/// How often each server is asked for its term and role, besides when a test asks.
const SAMPLING: Duration = Duration::from_millis(20);

/// The side of those that are connected while there is no partition.
pub(crate) const CONNECTED: usize = 0;

pub(crate) struct Shared<S: Service> {
    pub(crate) service: S,
    /// The number of the first server: those of several clusters are told apart by their numbers.
    first: usize,
    pub(crate) network: Network,
    pub(crate) slots: Vec<Mutex<Slot<S>>>,
    /// Held while a server is asked for its state, so that answers are noted in the order they are given.
    asking: Vec<Mutex<()>>,
    pub(crate) elections: Mutex<Elections>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) probe: Probe,
    /// Set when the test is over.
    pub(crate) done: AtomicBool,
}

/// The place of one server.
pub(crate) struct Slot<S: Service> {
    /// None while it is down.
    pub(crate) running: Option<Arc<S::Server>>,
    /// It reaches the servers on the same side, and nobody if it is on none.
    pub(crate) side: Option<usize>,
    pub(crate) persister: Arc<Persister>,
    /// Where its present life ends.
    pub(crate) fuse: Fuse,
    ends: Vec<EndId>,
    incarnation: u64,
}

impl<S: Service> Slot<S> {
    fn empty() -> Self {
        Slot {
            running: None,
            side: None,
            persister: Arc::default(),
            fuse: Fuse::default(),
            ends: Vec::new(),
            incarnation: 0,
        }
    }
}

/// Whom a server's threads work for, in a simulation.
pub(crate) fn owner(server: usize) -> u32 {
    server as u32
}

/// What a server is called on the network.
pub(crate) fn server_name(server: usize) -> String {
    format!("server-{server}")
}

impl<S: Service> Shared<S> {
    pub(crate) fn new(service: S, numbers: Range<usize>, ground: &Ground) -> Self {
        let size = numbers.len();
        Shared {
            service,
            first: numbers.start,
            network: ground.network.clone(),
            slots: (0..size).map(|_| Mutex::new(Slot::empty())).collect(),
            asking: (0..size).map(|_| Mutex::default()).collect(),
            elections: Mutex::new(Elections::new(numbers)),
            journal: ground.journal.clone(),
            probe: Probe::default(),
            done: AtomicBool::new(false),
        }
    }

    /// The number of a server among those of all clusters.
    pub(crate) fn number(&self, server: usize) -> usize {
        self.first + server
    }

    /// What a server is called on the network.
    pub(crate) fn name(&self, server: usize) -> String {
        server_name(self.number(server))
    }

    /// Asks a running server for its state, and holds the answer against the rules of elections.
    pub(crate) fn ask(&self, server: usize) -> Option<(Term, bool)> {
        let _asking = self.asking[server].lock();
        let running = self.slots[server].lock().running.clone()?;
        let (term, leads) = self
            .probe
            .call(self.number(server), "Raft::get_state", || S::raft(&running).get_state());
        // A server that the test has crashed meanwhile speaks for nobody.
        let slot = self.slots[server].lock();
        if !slot.running.as_ref().is_some_and(|current| Arc::ptr_eq(current, &running)) {
            return None;
        }
        let result = self.elections.lock().observe(server, term, leads);
        drop(slot);
        match result {
            Ok(rises) if rises => {
                self.journal.note(format!("server {} leads term {term}", self.number(server)));
            }
            Ok(_) => {}
            Err(failure) => fail(failure),
        }
        Some((term, leads))
    }

    /// Starts a server from what is on its disk; it must be down.
    pub(crate) fn start(self: &Arc<Self>, server: usize) -> Result<(), Failure> {
        let ends: Vec<ClientEnd> = (0..self.slots.len())
            .map(|peer| self.network.make_end(&self.name(server), &self.name(peer)))
            .collect();
        let mut slot = self.slots[server].lock();
        slot.incarnation += 1;
        slot.ends = ends.iter().map(ClientEnd::id).collect();
        slot.persister = Arc::new(slot.persister.copy());
        slot.fuse = Fuse::default();
        slot.fuse.watch(&slot.persister, &self.network, self.name(server));
        let (incarnation, persister) = (slot.incarnation, slot.persister.clone());
        drop(slot);

        self.elections.lock().restart(server);
        let running = Arc::new(S::start(self, Life { server, incarnation, ends, persister })?);
        let handlers =
            S::handlers(&running).called_by(move |handle| sim::as_owner(owner(server), handle));
        self.network.add_server(&self.name(server), handlers);
        self.slots[server].lock().running = Some(running);
        Ok(())
    }

    pub(crate) fn crash(&self, server: usize) {
        self.move_to(server, None);
        self.network.delete_server(&self.name(server));
        let mut slot = self.slots[server].lock();
        let Some(running) = slot.running.take() else {
            return;
        };
        // What the old life's threads still save goes to a disk that nobody reads.
        slot.persister = Arc::new(slot.persister.copy());
        slot.incarnation += 1;
        drop(slot);
        S::kill(self, server, &running);
    }

    /// Moves a server to a side, or away from everybody, and opens and closes the ends between it and
    /// all servers, itself included.
    pub(crate) fn move_to(&self, server: usize, side: Option<usize>) {
        let mut slot = self.slots[server].lock();
        slot.side = side;
        let own = slot.ends.clone();
        drop(slot);
        for (peer, slot) in self.slots.iter().enumerate() {
            let slot = slot.lock();
            let open = side.is_some() && slot.side == side;
            for end in own.get(peer).into_iter().chain(slot.ends.get(server)) {
                self.network.enable(*end, open);
            }
        }
    }

    /// The monitor: asks every server, all the time.
    pub(crate) fn sample(&self) {
        while !self.done.load(Ordering::Relaxed) {
            for server in 0..self.slots.len() {
                self.ask(server);
            }
            thread::sleep(SAMPLING);
        }
    }

    /// The watchdog: a call into a server that never returns ends the test, with the reason if it can
    /// be found out.
    pub(crate) fn watch(&self) {
        while !self.done.load(Ordering::Relaxed) {
            if let Some(stuck) = self.probe.stuck() {
                let seen = format!(
                    "{} has not returned on server {} for {} s{}",
                    stuck.method,
                    stuck.server,
                    stuck.since.elapsed().as_secs(),
                    S::explain_stuck(self, stuck.server - self.first)
                );
                let expected = format!("{} returns at once", stuck.method);
                fail(Failure::new(Class::Deadlock, expected, seen));
            }
            thread::sleep(Duration::from_millis(200));
        }
    }
}
