//! Ctrl-C.

use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::{Pid, Signal, kill_process_group};

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Lets Ctrl-C and a polite kill stop the work between two runs, with everything written down.
pub(crate) fn install() {
    // Without a handler the process just ends; the log has whole lines all the same.
    let _ = ctrlc::set_handler(|| REQUESTED.store(true, Ordering::Relaxed));
}

/// Whether the work is to stop.
pub(crate) fn requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}

/// Kills a process that leads a group, and the whole group.
pub(crate) fn kill_group(leader: u32) {
    if let Some(group) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        // There may be nobody left.
        let _ = kill_process_group(group, Signal::KILL);
    }
}
