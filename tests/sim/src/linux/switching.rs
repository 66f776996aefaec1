//! Switching from one simulated thread to the next.
//!
//! Each simulated thread has a thread of the operating system, for its stack and its thread-locals. There
//! are two ways to switch. With a *carrier*, all simulated threads run on one thread of the operating
//! system, the carrier, which changes stacks and the register through which thread-locals are found; the
//! threads that own the stacks sleep from their beginning to their end. A switch takes some ten
//! instructions. Where the processor or the kernel does not let programs set that register, each simulated
//! thread runs on its own thread, and wakes the next through the kernel.

use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, Ordering};

use super::arch;
use super::context::Context;
use super::os_thread::OsThread;
use super::real;
use crate::simulation::Switching;

/// How much of a simulated thread's stack belongs to the thread that sleeps below the carrier, in bytes.
const SLEEPER_STACK: usize = 16 << 10;

/// The kernel's number of the thread that runs whichever simulated thread holds the token.
pub(crate) static RUNNING_TID: AtomicI32 = AtomicI32::new(0);

/// Whether this process uses a carrier.
static HAS_CARRIER: AtomicBool = AtomicBool::new(false);

/// The simulated thread that the carrier has just left for good.
static DEPARTED: AtomicPtr<OsThread> = AtomicPtr::new(ptr::null_mut());

/// Decides how to switch from thread to thread, before there is any.
pub(crate) fn choose(switching: Switching) {
    let has_carrier = switching == Switching::Fastest && arch::can_switch();
    HAS_CARRIER.store(has_carrier, Ordering::Relaxed);
}

fn has_carrier() -> bool {
    HAS_CARRIER.load(Ordering::Relaxed)
}

/// Gives the token to the first simulated thread.
pub(crate) fn start(first: *mut OsThread) {
    if !has_carrier() {
        return give(first);
    }
    let first = AtomicPtr::new(first);
    // This thread is the carrier. Its own stack and thread-locals are not part of the simulation, and it
    // never returns to them.
    std::thread::spawn(move || {
        let first = first.into_inner();
        note_running();
        await_ready(first);
        let mut nowhere = Context::EMPTY;
        // SAFETY: the context is complete, and nobody else continues it.
        unsafe { arch::switch(&raw mut nowhere, (*first).context.get()) };
    });
}

/// Switches from the calling thread `own` to `next`. Returns when the token comes back.
pub(crate) fn switch(own: *mut OsThread, next: *mut OsThread) {
    if has_carrier() {
        await_ready(next);
        // SAFETY: neither thread has ended; the next one's context is complete, as it has been left by
        // this function or has never run.
        unsafe { arch::switch((*own).context.get(), (*next).context.get()) };
        release_departed();
    } else {
        give(next);
        take(own);
    }
}

/// Switches from the calling thread `own` to `next` for good. Without a carrier it returns: the calling
/// thread no longer holds the token and must end.
pub(crate) fn depart(own: *mut OsThread, next: *mut OsThread) {
    if !has_carrier() {
        return give(next);
    }
    await_ready(next);
    DEPARTED.store(own, Ordering::Relaxed);
    let mut nowhere = Context::EMPTY;
    // SAFETY: as in `switch`; nobody continues this context any more.
    unsafe { arch::switch(&raw mut nowhere, (*next).context.get()) };
}

/// Lets the thread end whose stack the carrier has just left for good.
fn release_departed() {
    let departed = DEPARTED.swap(ptr::null_mut(), Ordering::Relaxed);
    if !departed.is_null() {
        // SAFETY: the record is freed after its thread has ended, and that thread still sleeps.
        let over = unsafe { &raw const (*departed).over };
        // SAFETY: as above; after the store the record may be gone.
        unsafe { (*over).store(1, Ordering::Release) };
        real::futex_wake(over);
    }
}

fn await_ready(thread: *mut OsThread) {
    // SAFETY: the thread has not ended.
    let ready = unsafe { &(*thread).ready };
    while ready.load(Ordering::Acquire) == 0 {
        real::futex_wait(ready, 0);
    }
}

/// Lets `thread` take the token. The caller no longer has it.
fn give(thread: *mut OsThread) {
    // SAFETY: a thread that may get the token has not ended; it waits for the token or is about to.
    let ready = unsafe { &raw const (*thread).ready };
    // SAFETY: as above; the record may be gone as soon as the store is seen.
    unsafe { (*ready).store(1, Ordering::Release) };
    real::futex_wake(ready);
}

fn take(own: *mut OsThread) {
    // SAFETY: the calling thread's own record.
    let ready = unsafe { &(*own).ready };
    while ready.swap(0, Ordering::Acquire) == 0 {
        real::futex_wait(ready, 0);
    }
    note_running();
}

fn note_running() {
    // SAFETY: takes no arguments and cannot fail.
    RUNNING_TID.store(unsafe { libc::gettid() }, Ordering::Relaxed);
}

/// What the operating system runs for a simulated thread. Until the thread has the token it must not look
/// at anything that others may change.
pub(crate) extern "C" fn main(thread: *mut c_void) -> *mut c_void {
    let own = thread.cast::<OsThread>();
    if has_carrier() {
        sleep_below_carrier(own);
    } else {
        take(own);
        run_body(own);
    }
    ptr::null_mut()
}

/// Prepares the stack of the calling thread for the carrier, and sleeps until the carrier has left it.
fn sleep_below_carrier(own: *mut OsThread) {
    let here = 0_u8;
    let top = (&raw const here).addr() - SLEEPER_STACK;
    // SAFETY: the record outlives this thread; until it is ready nobody else looks at the context. This
    // thread does not use its stack below `top`.
    let (ready, over) = unsafe {
        *(*own).context.get() = arch::new_context(top, run_carried, own.cast::<c_void>());
        (&raw const (*own).ready, &(*own).over)
    };
    // SAFETY: as above.
    unsafe { (*ready).store(1, Ordering::Release) };
    real::futex_wake(ready);
    while over.load(Ordering::Acquire) == 0 {
        real::futex_wait(over, 0);
    }
}

/// The first function that the carrier runs on the stack of a simulated thread.
extern "C" fn run_carried(thread: *mut c_void) -> ! {
    release_departed();
    run_body(thread.cast::<OsThread>());
    unreachable!("the carrier has left this stack for good")
}

fn run_body(own: *mut OsThread) {
    // SAFETY: the calling thread's own record.
    let body = unsafe { (*own).body };
    body(own);
}
