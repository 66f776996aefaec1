//! Crashes in the middle of things: at a message that a server sends, or at a state that it saves.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use labrpc::Network;
use parking_lot::Mutex;
use raft::Persister;

use super::Cluster;
use super::service::Service;

/// How long a server may take to come to the point where it is to crash. One that does nothing crashes
/// while it does nothing.
const PATIENCE: Duration = Duration::from_millis(50);

/// How many messages or saves further on a server crashes, at most.
const REACH: u64 = 6;

/// How often a thread that is about to save is set aside, in a simulation: once in this many times.
const SAVE_INTERRUPTS: u32 = 4;

/// Where one life of a server is to end among its saves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Saves {
    /// At none.
    All,
    /// After this many more; the last of them is made or lost.
    Until { left: u64, last_is_made: bool },
}

/// Ends one life of a server at a save.
#[derive(Debug, Clone)]
pub(crate) struct Fuse(Arc<Mutex<Saves>>);

impl Default for Fuse {
    fn default() -> Self {
        Fuse(Arc::new(Mutex::new(Saves::All)))
    }
}

impl Fuse {
    /// Watches the saves of a server.
    pub(crate) fn watch(&self, persister: &Persister, network: &Network, server: String) {
        let (fuse, network) = (self.clone(), network.clone());
        persister.watch_saves(move || {
            sim::interrupt(SAVE_INTERRUPTS);
            fuse.burn(&network, &server)
        });
    }

    /// Lets a save pass, or not. A server crashes as a whole: with the save at which it does, the network
    /// is cut first, and once the network is cut nothing more is saved.
    fn burn(&self, network: &Network, server: &str) -> bool {
        if network.is_cut(server) {
            return false;
        }
        let mut saves = self.0.lock();
        match *saves {
            Saves::All => true,
            Saves::Until { left: 0, last_is_made } => {
                network.cut_after(server, 0);
                last_is_made
            }
            Saves::Until { left, last_is_made } => {
                *saves = Saves::Until { left: left - 1, last_is_made };
                true
            }
        }
    }
}

#[expect(private_bounds, reason = "what a service is concerns only the harness")]
impl<S: Service> Cluster<S> {
    /// Crashes a server right after it has sent this many more messages, replies included.
    pub fn crash_after(&self, server: usize, messages: u64) {
        let name = self.shared.name(server);
        self.shared.journal.note(format!("{name} crashes {messages} messages from now"));
        self.network().cut_after(&name, messages);
    }

    /// Whether a crash that was to come in the midst of things has come.
    pub fn has_crashed_in_action(&self, server: usize) -> bool {
        self.network().is_cut(&self.shared.name(server))
    }

    /// Crashes a server at some point of what it does next: now, at one of its next messages, or right
    /// before or after one of its next saves, as the test's seed says.
    pub fn crash_in_action(&self, server: usize) {
        if !self.is_running(server) {
            return self.crash(server);
        }
        let (point, count) = (self.draw(4), self.draw(REACH));
        let name = self.shared.name(server);
        match point {
            0 => return self.crash(server),
            1 => self.network().cut_after(&name, count),
            _ => {
                let until = Saves::Until { left: count, last_is_made: point == 2 };
                *self.shared.slots[server].lock().fuse.0.lock() = until;
            }
        }
        let begun = Instant::now();
        while !self.has_crashed_in_action(server) && begun.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(1));
        }
        self.crash(server);
    }
}
