//! A simulated thread's place to wait for the token, and how the token gets there.
//!
//! Each simulated thread has a thread of the system, for its stack and its thread-locals. There are two
//! ways to go from one to the next. With a *carrier*, all simulated threads run on one thread of the
//! system, the carrier, which changes stacks and the register that thread-locals are found by; their own
//! threads sleep from their beginning to their end. That takes some ten instructions. Where the
//! processor or the kernel does not let programs set that register, each runs on its own thread and
//! wakes the next in the kernel.

use std::cell::{Cell, UnsafeCell};
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU32, Ordering};

use super::context::{self, Context};
use super::real::{self, Start};
use super::threads;
use super::world::Slot;
use crate::Switching;

/// How much of its stack a simulated thread's own thread keeps to sleep on, in bytes.
const BEDROOM: usize = 16 << 10;

/// A simulated thread's place to wait for the token.
pub(crate) struct Seat {
    /// The thread's place in the books, once it is there.
    pub(crate) slot: Cell<Slot>,
    pub(crate) start: Start,
    pub(crate) argument: *mut c_void,
    /// With a carrier: 1 when the context is there to be continued. Without: 1 when the token is here
    /// to be taken.
    ready: AtomicU32,
    /// With a carrier: 1 when the simulated thread is over and its own thread may end.
    over: AtomicU32,
    context: UnsafeCell<Context>,
}

thread_local! {
    /// The calling thread's seat; null outside of the simulation. Whoever finds it set holds the token:
    /// it is set after the thread has first got the token, and while it waits it does not look.
    static SEAT: Cell<*mut Seat> = const { Cell::new(ptr::null_mut()) };
    /// The seat of a simulated thread while it acts [`outside`].
    static ASIDE: Cell<*mut Seat> = const { Cell::new(ptr::null_mut()) };
}

/// The system's number of the thread that runs the simulated thread that holds the token.
pub(crate) static RUNNER: AtomicI32 = AtomicI32::new(0);

/// Whether this process uses a carrier.
static CARRIED: AtomicBool = AtomicBool::new(false);

/// The seat of the thread that the carrier has just left for good.
static DEPARTED: AtomicPtr<Seat> = AtomicPtr::new(ptr::null_mut());

/// Whether the calling thread is a simulated one, and so holds the token.
#[inline]
pub(crate) fn is_simulated() -> bool {
    !SEAT.get().is_null()
}

/// The slot of the calling thread, if it is a simulated one.
#[inline]
pub(crate) fn current() -> Option<Slot> {
    let seat = SEAT.get();
    // SAFETY: a seat lives as long as its thread.
    (!seat.is_null()).then(|| unsafe { (*seat).slot.get() })
}

/// Calls `work` as if the calling thread were not simulated. It keeps the token.
pub(crate) fn outside<R>(work: impl FnOnce() -> R) -> R {
    let seat = SEAT.replace(ptr::null_mut());
    let outer = ASIDE.replace(seat);
    let result = work();
    ASIDE.set(outer);
    SEAT.set(seat);
    result
}

/// Whether the calling thread holds the token, be it [`outside`] for a while.
pub(crate) fn holds_token() -> bool {
    is_simulated() || !ASIDE.get().is_null()
}

/// Decides how to get from thread to thread, before there is any.
pub(crate) fn choose_switching(switching: Switching) {
    let carried = switching == Switching::Fastest && context::is_supported();
    CARRIED.store(carried, Ordering::Relaxed);
}

fn is_carried() -> bool {
    CARRIED.load(Ordering::Relaxed)
}

impl Seat {
    pub(crate) fn new(start: Start, argument: *mut c_void) -> *mut Seat {
        Box::into_raw(Box::new(Seat {
            slot: Cell::new(Slot::MAX),
            start,
            argument,
            ready: AtomicU32::new(0),
            over: AtomicU32::new(0),
            context: UnsafeCell::new(Context::EMPTY),
        }))
    }
}

/// Gives the token to the first simulated thread.
pub(crate) fn begin(first: *mut Seat) {
    if !is_carried() {
        return give(first);
    }
    let first = AtomicPtr::new(first);
    // This thread is the carrier. It is outside of the simulation itself and never comes back from it.
    std::thread::spawn(move || {
        let first = first.into_inner();
        note_runner();
        await_ready(first);
        let mut nowhere = Context::EMPTY;
        // SAFETY: the context is complete, and nobody else continues it.
        unsafe { context::switch(&raw mut nowhere, (*first).context.get()) };
    });
}

/// Goes from the calling thread, whose seat is `own`, to the one at `next`; returns when the token comes
/// back.
pub(crate) fn switch(own: *mut Seat, next: *mut Seat) {
    if is_carried() {
        await_ready(next);
        // SAFETY: both are seats of threads that have not ended; the next one's context is complete, as
        // it has been left by this function or has never run.
        unsafe { context::switch((*own).context.get(), (*next).context.get()) };
        arrive();
    } else {
        give(next);
        take(own);
    }
}

/// Goes to the thread at `next` for good. Without a carrier it returns: the calling thread no longer
/// holds the token and is to end.
pub(crate) fn depart(own: *mut Seat, next: *mut Seat) {
    SEAT.set(ptr::null_mut());
    if !is_carried() {
        return give(next);
    }
    await_ready(next);
    DEPARTED.store(own, Ordering::Relaxed);
    let mut nowhere = Context::EMPTY;
    // SAFETY: as in `switch`; nobody continues this context any more.
    unsafe { context::switch(&raw mut nowhere, (*next).context.get()) };
}

/// Once the carrier has left a stack for good, the thread that it belongs to may use it to end.
fn arrive() {
    let departed = DEPARTED.swap(ptr::null_mut(), Ordering::Relaxed);
    if !departed.is_null() {
        // SAFETY: a seat outlives its own thread, which sleeps.
        let over = unsafe { &raw const (*departed).over };
        // SAFETY: as above; from the store on the seat may be gone.
        unsafe { (*over).store(1, Ordering::Release) };
        real::futex_wake(over);
    }
}

fn await_ready(seat: *mut Seat) {
    // SAFETY: the seat's thread has not ended.
    let ready = unsafe { &(*seat).ready };
    while ready.load(Ordering::Acquire) == 0 {
        real::futex_wait(ready, 0);
    }
}

/// Lets the thread at `seat` take the token. The caller no longer has it.
fn give(seat: *mut Seat) {
    // SAFETY: a seat that may get the token has a thread, waiting or about to wait.
    let ready = unsafe { &raw const (*seat).ready };
    // SAFETY: as above; the seat may be gone as soon as the store is seen.
    unsafe { (*ready).store(1, Ordering::Release) };
    real::futex_wake(ready);
}

fn take(own: *mut Seat) {
    // SAFETY: the calling thread's own seat.
    let ready = unsafe { &(*own).ready };
    while ready.swap(0, Ordering::Acquire) == 0 {
        real::futex_wait(ready, 0);
    }
    note_runner();
}

fn note_runner() {
    // SAFETY: takes no arguments and cannot fail.
    RUNNER.store(unsafe { libc::gettid() }, Ordering::Relaxed);
}

/// What the system runs for a simulated thread. Until the thread has the token it must not look at
/// anything that others may change.
pub(crate) extern "C" fn main(seat: *mut c_void) -> *mut c_void {
    let own = seat.cast::<Seat>();
    if !is_carried() {
        take(own);
        live(own);
        return ptr::null_mut();
    }
    let here = 0_u8;
    let top = (&raw const here).addr() - BEDROOM;
    // SAFETY: the seat outlives this thread; until it is ready nobody else looks at the context. The
    // stack below the bedroom is not used by this thread.
    let (ready, over) = unsafe {
        *(*own).context.get() = Context::new(top, carried, own.cast::<c_void>());
        (&raw const (*own).ready, &(*own).over)
    };
    // SAFETY: as above.
    unsafe { (*ready).store(1, Ordering::Release) };
    real::futex_wake(ready);
    while over.load(Ordering::Acquire) == 0 {
        real::futex_wait(over, 0);
    }
    ptr::null_mut()
}

/// Where the carrier begins with a simulated thread.
extern "C" fn carried(seat: *mut c_void) -> ! {
    arrive();
    live(seat.cast::<Seat>());
    unreachable!("a carried thread has departed")
}

fn live(own: *mut Seat) {
    threads::answer(own);
    SEAT.set(own);
    threads::live(own);
}
