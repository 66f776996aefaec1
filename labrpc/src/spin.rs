//! An adaptive spin: a thread polls for an event for a short time before it blocks.

use std::sync::atomic::{AtomicU32, Ordering};

/// How often a thread polls before it gives up. Waking a blocked thread takes about 35 µs on a virtual
/// machine with two cores, ten times as long as most handlers run. This many polls take about as long, so
/// they pay whenever the event comes sooner than a blocked thread would wake up.
const POLLS: u32 = 2_000;

/// After this many spins in vain in a row, spinning is suspended.
const MAX_IN_VAIN: u32 = 8;

/// While spinning is suspended, one wait in this many tries it again.
const RETRY_EVERY: u32 = 64;

/// Spins as long as that has paid recently. A thread that spins in vain keeps a processor from threads
/// that have work.
#[derive(Default)]
pub(crate) struct AdaptiveSpin {
    /// The number of waits in a row in which no spin has seen its event.
    in_vain: AtomicU32,
}

impl AdaptiveSpin {
    /// Returns once the event has occurred, or once it is better to block.
    pub(crate) fn spin_until(&self, has_occurred: impl Fn() -> bool) {
        // Threads may overwrite each other's count: it need not be exact.
        let in_vain = self.in_vain.load(Ordering::Relaxed);
        let should_spin = in_vain < MAX_IN_VAIN || in_vain.is_multiple_of(RETRY_EVERY);
        let seen = should_spin
            && (0..POLLS).any(|_| {
                let seen = has_occurred();
                if !seen {
                    std::hint::spin_loop();
                }
                seen
            });
        let next = if seen { 0 } else { in_vain.wrapping_add(1) };
        if next != in_vain {
            self.in_vain.store(next, Ordering::Relaxed);
        }
    }
}
