//! Stacks for simulated threads, at fixed addresses, each used again after its thread has ended.

use std::collections::VecDeque;
use std::ptr;

use super::os_thread::OsThread;
use super::real;
use super::region::{GUARD, STACKS, STACKS_SIZE, map_stack};

/// The unit in which address space is given out, in bytes.
const UNIT: usize = 4 << 20;

/// The address space of one stack and its guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stack {
    base: usize,
    units: usize,
}

impl Stack {
    /// The lowest address that the thread may use.
    pub(crate) fn bottom(self) -> usize {
        self.base + GUARD
    }

    /// The bytes from the lowest to the highest address.
    pub(crate) fn size(self) -> usize {
        self.units * UNIT - GUARD
    }
}

/// The stack of a simulated thread that has ended. The operating system's thread may still be about to
/// end.
struct UsedStack {
    stack: Stack,
    handle: libc::pthread_t,
    os_thread: *mut OsThread,
}

/// The stacks of one simulation.
#[derive(Default)]
pub(crate) struct Stacks {
    units_used: usize,
    /// The oldest is used again first: its thread has had the most time to end.
    used: VecDeque<UsedStack>,
}

impl Stacks {
    /// A stack of at least `size` bytes; `None` if the system has none.
    pub(crate) fn take(&mut self, size: usize) -> Option<Stack> {
        let units = (size + GUARD).div_ceil(UNIT);
        if let Some(found) = self.used.iter().position(|used| used.stack.units == units)
            && let Some(UsedStack { stack, handle, os_thread }) = self.used.remove(found)
        {
            // SAFETY: the thread was created joinable and has not been joined: joining and detaching a
            // simulated thread is left to the simulation. It has given up the token, so it ends soon.
            unsafe { real::PTHREAD_JOIN.get()(handle, ptr::null_mut()) };
            // SAFETY: made by `OsThread::new`, and its thread is gone.
            drop(unsafe { Box::from_raw(os_thread) });
            return Some(stack);
        }
        let base = STACKS + self.units_used * UNIT;
        if units > (STACKS_SIZE - self.units_used * UNIT) / UNIT {
            return None;
        }
        map_stack(base, units * UNIT).ok()?;
        self.units_used += units;
        Some(Stack { base, units })
    }

    /// Takes back the stack of a thread that has given up the token for good.
    pub(crate) fn give_back(
        &mut self,
        stack: Stack,
        handle: libc::pthread_t,
        os_thread: *mut OsThread,
    ) {
        self.used.push_back(UsedStack { stack, handle, os_thread });
    }
}
