//! How many tests run at once, and on which processors.

use records::Clock;

use crate::task::fresh_seed;

/// The kind of processor that this program is compiled for, such as x86-64. A seed of a simulation is another run on
/// each kind.
pub const KIND: &str = sim::PROCESSOR;

/// How many tests run at once on each processor. A simulation keeps a processor busy; a test on the clock
/// waits most of the time.
pub(crate) fn runs_per_processor(clock: Clock) -> usize {
    match clock {
        Clock::Real => 4,
        Clock::Sim => 1,
    }
}

/// How many tests run at once if the arguments do not say it.
pub(crate) fn default_jobs(clock: Clock) -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    runs_per_processor(clock) * processors
}

/// The processors to bind runs to, in turn; empty if they may run anywhere. A simulation runs one thread
/// at a time, and is faster if all its threads are on one processor. The first in the list is random, so
/// that several programs do not all choose the same.
pub(crate) fn to_bind(clock: Clock) -> Vec<usize> {
    if clock == Clock::Real {
        return Vec::new();
    }
    let mut processors = allowed();
    let first = fresh_seed().word() as usize % processors.len().max(1);
    processors.rotate_left(first);
    processors
}

/// The processors that this program may use; empty if the system does not say it.
#[cfg(target_os = "linux")]
pub fn allowed() -> Vec<usize> {
    use rustix::thread::{CpuSet, sched_getaffinity};
    let Ok(allowed) = sched_getaffinity(None) else {
        return Vec::new();
    };
    (0..CpuSet::MAX_CPU).filter(|processor| allowed.is_set(*processor)).collect()
}

/// The same on a system that does not say it.
#[cfg(not(target_os = "linux"))]
pub fn allowed() -> Vec<usize> {
    Vec::new()
}
