//! Watches from outside the simulation, in real time, for a thread that never calls the scheduler.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use super::active_simulation::{HOST_HAS_TURN, SCHEDULER_CALLS};
use super::backtraces::stop_and_ask;
use super::switching::RUNNING_TID;
use super::token;
use crate::report::{Stall, ThreadReport};

/// How much processor time the process may use without a call of the scheduler.
const SPIN_LIMIT: Duration = Duration::from_secs(4);

/// How often the watch looks.
const INTERVAL: Duration = Duration::from_millis(200);

/// How often the watch may find no call of the scheduler, and a process that sleeps. On a busy machine the watch
/// is late as well, so its own looks are counted, and not the time.
const STUCK_LOOKS: u32 = 300;

/// A process that uses less processor time than this from one look to the next sleeps.
const ASLEEP: Duration = Duration::from_millis(1);

/// Watches until the process ends. Allocates nothing while all goes well.
pub(crate) fn watch(on_stall: fn(Stall) -> !) -> ! {
    let mut calls = 0;
    let mut used = processor_time();
    // Since the last call of the scheduler.
    let (mut used_before, mut looks_asleep) = (used, 0);
    loop {
        thread::sleep(INTERVAL);
        let calls_now = SCHEDULER_CALLS.load(Ordering::Relaxed);
        let used_now = processor_time();
        let is_asleep = used_now.saturating_sub(used) < ASLEEP;
        used = used_now;
        if calls_now != calls || HOST_HAS_TURN.load(Ordering::Relaxed) {
            calls = calls_now;
            (used_before, looks_asleep) = (used_now, 0);
            continue;
        }
        if used_now.saturating_sub(used_before) > SPIN_LIMIT {
            on_stall(Stall::Spin(stop("spins without blocking")));
        }
        looks_asleep = if is_asleep { looks_asleep + 1 } else { 0 };
        if looks_asleep > STUCK_LOOKS {
            on_stall(Stall::Outside(stop("is in a system call")));
        }
    }
}

/// Stops the running thread for good, and asks it where it is. From then on only the caller looks at the
/// simulation.
fn stop(waits: &str) -> ThreadReport {
    let frames = stop_and_ask(RUNNING_TID.load(Ordering::Relaxed));
    token::with(|simulation| {
        let running = simulation.world.running();
        let thread = simulation.world.thread(running);
        ThreadReport {
            number: thread.number,
            name: thread.record.name.to_string_lossy().into_owned(),
            waits: waits.to_owned(),
            waited: Duration::ZERO,
            frames,
        }
    })
}

fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the time is written to a local.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
