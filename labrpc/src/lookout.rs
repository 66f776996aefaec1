//! Looking out for an event before going to sleep.

use std::sync::atomic::{AtomicU32, Ordering};

/// How often to look before going to sleep. Waking a thread takes some 35 µs on a virtual machine with
/// two cores, ten times what most handlers need: looking for about as long as that lets two threads that
/// have once been asleep find back to each other.
const LOOKS: u32 = 2_000;

/// After so many times in vain in a row looking is given up,
const PATIENCE: u32 = 8;

/// but for one time in so many.
const RETRY: u32 = 64;

/// Looks as long as it is worth while: a thread that looks in vain keeps a processor from those that have
/// work.
#[derive(Default)]
pub(crate) struct Lookout {
    /// How often in a row it was in vain.
    in_vain: AtomicU32,
}

impl Lookout {
    /// Returns when the event has come, or when it is better to sleep.
    pub(crate) fn look_for(&self, has_come: impl Fn() -> bool) {
        // Threads may overwrite each other's experience: it need not be exact.
        let in_vain = self.in_vain.load(Ordering::Relaxed);
        let worth_while = in_vain < PATIENCE || in_vain.is_multiple_of(RETRY);
        let seen = worth_while
            && (0..LOOKS).any(|_| {
                let seen = has_come();
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
