//! The servers of a cluster: how they start, crash, and reach each other.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use labrpc::{ClientEnd, EndId, Network};
use parking_lot::Mutex;
use raft::Persister;

use super::calls::Calls;
use super::crash_point::CrashPoint;
use super::elections::Elections;
use super::environment::Environment;
use super::journal::Journal;
use super::names::{owner, server_name};
use super::service::{Life, Service};
use crate::runner::Failure;

/// The side of connected servers while there is no partition.
pub(crate) const CONNECTED: usize = 0;

/// The servers of a cluster, and what is known of them. The test and the threads that watch over the
/// servers share it.
pub(crate) struct Servers<S: Service> {
    pub(crate) service: S,
    /// The number of the first server. Servers have different numbers even in different clusters.
    first: usize,
    network: Network,
    pub(crate) journal: Arc<Journal>,
    pub(crate) slots: Vec<Mutex<Slot<S>>>,
    pub(crate) elections: Mutex<Elections>,
    /// Held while a server is asked for its state, so that answers are noted in the order they are given.
    pub(crate) asking: Vec<Mutex<()>>,
    pub(crate) calls: Arc<Calls>,
    /// Set when the test is over.
    pub(crate) done: AtomicBool,
}

/// The place of one server in its cluster.
pub(crate) struct Slot<S: Service> {
    /// `None` while it is down.
    pub(crate) running: Option<Arc<S::Server>>,
    /// It reaches the servers on the same side; `None` if it reaches no server.
    pub(crate) side: Option<usize>,
    pub(crate) persister: Arc<Persister>,
    pub(crate) crash_point: CrashPoint,
    ends: Vec<EndId>,
    incarnation: u64,
}

impl<S: Service> Slot<S> {
    fn empty() -> Self {
        Slot {
            running: None,
            side: None,
            persister: Arc::default(),
            crash_point: CrashPoint::default(),
            ends: Vec::new(),
            incarnation: 0,
        }
    }
}

impl<S: Service> Servers<S> {
    /// Servers with these numbers; none of them is started yet.
    pub(crate) fn new(service: S, numbers: Range<usize>, environment: &Environment) -> Self {
        let size = numbers.len();
        Servers {
            service,
            first: numbers.start,
            network: environment.network.clone(),
            journal: environment.journal.clone(),
            slots: (0..size).map(|_| Mutex::new(Slot::empty())).collect(),
            asking: (0..size).map(|_| Mutex::default()).collect(),
            calls: Arc::new(Calls::new(numbers.start)),
            elections: Mutex::new(Elections::new(numbers)),
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

    /// Starts a server from what is on its disk; it must be down.
    pub(crate) fn start(&self, server: usize) -> Result<(), Failure> {
        let ends: Vec<ClientEnd> = (0..self.slots.len())
            .map(|peer| self.network.make_end(&self.name(server), &self.name(peer)))
            .collect();
        let mut slot = self.slots[server].lock();
        slot.incarnation += 1;
        slot.ends = ends.iter().map(ClientEnd::id).collect();
        slot.persister = Arc::new(slot.persister.copy());
        slot.crash_point = CrashPoint::default();
        slot.crash_point.watch(&slot.persister, &self.network, self.name(server));
        let (incarnation, persister) = (slot.incarnation, slot.persister.clone());
        drop(slot);

        self.elections.lock().restart(server);
        let life = Life { server, incarnation, ends, persister };
        let running = Arc::new(self.service.start(life, &self.calls)?);
        let owner = owner(self.number(server));
        let handlers = S::handlers(&running).called_by(move |handle| sim::as_owner(owner, handle));
        self.network.add_server(&self.name(server), handlers);
        self.slots[server].lock().running = Some(running);
        Ok(())
    }

    /// Ends a server without warning, if it is up, and cuts it off.
    pub(crate) fn crash(&self, server: usize) {
        self.move_to(server, None);
        self.network.delete_server(&self.name(server));
        let mut slot = self.slots[server].lock();
        let Some(running) = slot.running.take() else {
            return;
        };
        // Threads of the old life may still save: from here on to a disk that nobody reads.
        slot.persister = Arc::new(slot.persister.copy());
        slot.incarnation += 1;
        drop(slot);
        self.service.kill(server, &running, &self.calls);
    }

    /// Moves a server to a side, or away from all servers, and opens and closes the ends between it and
    /// each server, itself included.
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
}
