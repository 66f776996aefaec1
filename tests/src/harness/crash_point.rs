//! Where one life of a server ends: at one of its next saves, if a test says so.

use labrpc::Network;
use parking_lot::Mutex;

/// The save at which one life of a server ends.
#[derive(Debug, Default)]
pub(crate) struct CrashPoint(Mutex<Option<CrashAtSave>>);

/// Lets some more saves pass, and crashes the server at the next one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CrashAtSave {
    /// How many saves come before it.
    pub(crate) saves_before: u64,
    /// Whether the server still makes the save at which it crashes.
    pub(crate) last_is_made: bool,
}

impl CrashPoint {
    /// Sets where the server crashes.
    pub(crate) fn set(&self, crash: CrashAtSave) {
        *self.0.lock() = Some(crash);
    }

    /// Says whether a save is made. A server crashes as a whole: at the save at which it does, its network
    /// is cut first, and once its network is cut, it saves nothing more.
    pub(crate) fn allows_save(&self, network: &Network, server: &str) -> bool {
        if network.is_cut(server) {
            return false;
        }
        match &mut *self.0.lock() {
            None => true,
            Some(CrashAtSave { saves_before: 0, last_is_made }) => {
                network.cut_after(server, 0);
                *last_is_made
            }
            Some(CrashAtSave { saves_before, .. }) => {
                *saves_before -= 1;
                true
            }
        }
    }
}
