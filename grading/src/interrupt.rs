//! Stopping on Ctrl-C, or when the time is used up.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Lets Ctrl-C and a termination signal stop the work between two runs, when everything is in the log.
pub(crate) fn install() {
    // Without a handler the process ends at once. Even then, the log holds only whole lines.
    let _ = ctrlc::set_handler(|| REQUESTED.store(true, Ordering::Relaxed));
}

/// Stops the work in the same way after some time.
pub(crate) fn request_after(time: Duration) {
    std::thread::spawn(move || {
        std::thread::sleep(time);
        REQUESTED.store(true, Ordering::Relaxed);
    });
}

/// Whether the work should stop.
pub(crate) fn requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}

/// Kills a process that leads a group, and the whole group.
pub(crate) fn kill_group(leader: u32) {
    if let Some(group) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        // The processes may have exited already.
        let _ = kill_process_group(group, Signal::KILL);
    }
}
