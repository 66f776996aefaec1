//! Stacks for simulated threads, at fixed addresses, used again and again.

use std::collections::VecDeque;

use super::real;
use super::region::{PAGE, STACKS, STACKS_SIZE, guard};
use super::seat::Seat;

/// The address space of a stack and its guard, in bytes.
const UNIT: usize = 4 << 20;

/// Room for a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stack {
    base: usize,
    units: usize,
}

/// The stacks of one simulation.
#[derive(Default)]
pub(crate) struct Stacks {
    units_used: usize,
    /// Stacks of threads that have ended as far as the simulation goes. The oldest is used first: its
    /// thread has had the most time to end for the system, too.
    left: VecDeque<(Stack, libc::pthread_t, *mut Seat)>,
}

impl Stack {
    /// The lowest address that the thread may use.
    pub(crate) fn bottom(self) -> usize {
        self.base + PAGE
    }

    /// The bytes from the lowest to the highest address.
    pub(crate) fn size(self) -> usize {
        self.units * UNIT - PAGE
    }
}

impl Stacks {
    /// A stack of at least `size` bytes, or none if the address space is used up.
    pub(crate) fn take(&mut self, size: usize) -> Option<Stack> {
        let units = (size + PAGE).div_ceil(UNIT);
        let fits = |(stack, ..): &(Stack, _, _)| stack.units == units;
        if let Some(found) = self.left.iter().position(fits)
            && let Some((stack, thread, seat)) = self.left.remove(found)
        {
            // SAFETY: this thread was created joinable and nobody has joined it: the simulation joins
            // and detaches in its own books alone. It has given up the token, so it ends by itself.
            unsafe { real::PTHREAD_JOIN.get()(thread, std::ptr::null_mut()) };
            // SAFETY: made by `Seat::new`; the thread it was for is gone.
            drop(unsafe { Box::from_raw(seat) });
            return Some(stack);
        }
        let base = STACKS + self.units_used * UNIT;
        if units > (STACKS_SIZE - self.units_used * UNIT) / UNIT {
            return None;
        }
        self.units_used += units;
        guard(base);
        Some(Stack { base, units })
    }

    /// Takes back the stack of a thread that has given up the token for good.
    pub(crate) fn give(&mut self, stack: Stack, thread: libc::pthread_t, seat: *mut Seat) {
        self.left.push_back((stack, thread, seat));
    }
}
