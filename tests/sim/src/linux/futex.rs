//! The futex system call, by which std, parking_lot and crossbeam block and wake threads.

use std::ffi::{c_int, c_long};
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

use super::states::{Slot, Wait, Woken};
use super::{clocks, real, token};

/// A thread that wakes others may be interrupted once in this many times.
const WAKE_INTERRUPTS: u32 = 4;

/// Does what the futex system call does, for the operations wait and wake.
///
/// # Safety
///
/// The arguments are those of the system call; the address and the timeout are valid.
pub(crate) unsafe fn futex(
    own: Slot,
    address: c_long,
    operation: c_int,
    value: u32,
    timeout: c_long,
) -> c_long {
    let command = operation & !(libc::FUTEX_PRIVATE_FLAG | libc::FUTEX_CLOCK_REALTIME);
    let word = ptr::with_exposed_provenance::<AtomicU32>(address as usize);
    let timeout = ptr::with_exposed_provenance::<libc::timespec>(timeout as usize);
    let clock = if operation & libc::FUTEX_CLOCK_REALTIME != 0 {
        libc::CLOCK_REALTIME
    } else {
        libc::CLOCK_MONOTONIC
    };
    match command {
        // SAFETY: by the contract of this function. The timeout of this operation is a duration.
        libc::FUTEX_WAIT => unsafe { wait(own, word, value, timeout, None) },
        // SAFETY: as above. The timeout of this operation is a time of the clock.
        libc::FUTEX_WAIT_BITSET => unsafe { wait(own, word, value, timeout, Some(clock)) },
        libc::FUTEX_WAKE | libc::FUTEX_WAKE_BITSET => wake(own, word, value as usize),
        _ => real::fail_with(libc::ENOSYS),
    }
}

/// # Safety
///
/// `word` is valid; `timeout` is null or valid.
unsafe fn wait(
    own: Slot,
    word: *const AtomicU32,
    expected: u32,
    timeout: *const libc::timespec,
    absolute_on: Option<libc::clockid_t>,
) -> c_long {
    // SAFETY: by the contract of this function.
    if unsafe { (*word).load(Ordering::SeqCst) } != expected {
        return real::fail_with(libc::EAGAIN);
    }
    let deadline = if timeout.is_null() {
        None
    } else {
        // SAFETY: by the contract of this function.
        unsafe { clocks::deadline(timeout, absolute_on) }
    };
    match token::block(own, Wait::Futex(word.addr()), deadline) {
        Woken::Event => 0,
        Woken::Deadline => real::fail_with(libc::ETIMEDOUT),
    }
}

fn wake(own: Slot, word: *const AtomicU32, most: usize) -> c_long {
    let woken = token::with(|simulation| simulation.world.wake(own, word.addr(), most));
    if woken > 0 {
        token::interrupt(own, WAKE_INTERRUPTS);
    }
    woken as c_long
}
