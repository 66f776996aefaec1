//! Where and how threads are interrupted.

use std::ops::RangeInclusive;

use rand::Rng;

use super::World;
use crate::platform::states::Interrupt;

/// An interrupted thread is paused once in this many times.
const PAUSES: u32 = 64;

/// The longest pause in nanoseconds: what a busy system may take until it runs a thread again.
const LONGEST_PAUSE: u64 = 5_000_000;

/// The exponents of the longest pause between two basic blocks, in nanoseconds: up to 4 ms.
const EDGE_PAUSE_EXPONENTS: RangeInclusive<u32> = 18..=22;

impl<T> World<T> {
    /// Draws whether a thread is interrupted, which happens once in `one_in` times on average, and how.
    pub(crate) fn draw_interrupt(&mut self, one_in: u32) -> Option<Interrupt> {
        if self.is_plain() {
            return None;
        }
        let nap = self.naps.as_mut().and_then(|naps| naps.draw(self.now, self.draws.rng()));
        if let Some(until) = nap {
            return Some(Interrupt::Pause { until });
        }
        if self.draws.rng().random_ratio(1, one_in.saturating_mul(PAUSES)) {
            let until = self.now + self.draws.rng().random_range(0..LONGEST_PAUSE);
            return Some(Interrupt::Pause { until });
        }
        let interrupts =
            self.strategy.interrupts(self.running, &self.ready, one_in, self.draws.rng());
        interrupts.then_some(Interrupt::LetOthersRun)
    }

    /// Draws how a thread is interrupted at an edge between two basic blocks, if it is. A mistake there needs
    /// others to act in a moment that is otherwise too short for them, so many threads pause, mostly shortly.
    pub(crate) fn draw_preemption(&mut self, one_in: u32) -> Option<Interrupt> {
        if self.is_plain() || one_in > 1 && !self.draws.rng().random_ratio(1, one_in) {
            return None;
        }
        if self.draws.rng().random_ratio(1, self.edge_pauses) {
            let longest = 1 << self.draws.rng().random_range(EDGE_PAUSE_EXPONENTS);
            return Some(Interrupt::Pause {
                until: self.now + self.draws.rng().random_range(0..longest),
            });
        }
        self.draw_interrupt(1)
    }

    /// Whether no thread is interrupted now.
    fn is_plain(&mut self) -> bool {
        self.draws.advance_to(self.now);
        self.draws.is_plain()
    }

    /// Draws how many events there are until one at which the thread is interrupted.
    pub(crate) fn draw_distance(&mut self, most: u32) -> u32 {
        self.draws.rng().random_range(1..=most)
    }

    /// Draws the same, from 1 to at most 2 to the power of `exponent`: each order of magnitude is as likely as the
    /// others.
    pub(crate) fn draw_any_distance(&mut self, exponent: u32) -> u32 {
        let most = 1 << self.draws.rng().random_range(0..=exponent);
        self.draws.rng().random_range(1..=most)
    }
}
