//! Where one life of a server ends: at one of its next saves, if a test says so.

use labrpc::Network;
use parking_lot::Mutex;

/// The save at which one life of a server ends.
#[derive(Debug, Default)]
pub(crate) struct CrashPoint(Mutex<Option<CrashAtSave>>);

/// Lets some more saves pass, and crashes the server at the next one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CrashAtSave {
    /// Which saves count.
    pub(crate) saves: Saves,
    /// How many of these saves come before it.
    pub(crate) saves_before: u64,
    /// Whether the server still makes the save at which it crashes.
    pub(crate) last_is_made: bool,
}

/// The saves at which a server can crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Saves {
    /// All of them.
    All,
    /// Those that cut the log: Raft's state becomes shorter, or a snapshot is saved with it.
    Cuts,
}

impl CrashPoint {
    /// Sets where the server crashes.
    pub(crate) fn set(&self, crash: CrashAtSave) {
        *self.0.lock() = Some(crash);
    }

    /// Says whether a save is made, which `cuts` the log or does not. A server crashes as a whole: at the
    /// save at which it does, its network is cut first, and once its network is cut, it saves nothing more.
    pub(crate) fn allows_save(&self, network: &Network, server: &str, cuts: bool) -> bool {
        if network.is_cut(server) {
            return false;
        }
        match &mut *self.0.lock() {
            Some(CrashAtSave { saves, saves_before, last_is_made })
                if cuts || *saves == Saves::All =>
            {
                if *saves_before > 0 {
                    *saves_before -= 1;
                    return true;
                }
                network.cut_after(server, 0);
                *last_is_made
            }
            _ => true,
        }
    }
}
