//! The token: of all simulated threads only the one that holds it runs.

use std::cell::{Cell, UnsafeCell};
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::backtraces::Frames;
use super::real::{self, Start};
use super::stacks::{Stack, Stacks};
use crate::report::Stall;
use crate::trace::Kind;
use crate::world::{Slot, Wait, Woken, World};

/// A simulated thread's place to wait for the token.
pub(crate) struct Seat {
    /// 1 when the token is here to be taken.
    baton: AtomicU32,
    pub(crate) slot: Slot,
    pub(crate) start: Start,
    pub(crate) argument: *mut c_void,
}

/// What the simulation keeps with each thread.
pub(crate) struct Keep {
    pub(crate) seat: *mut Seat,
    pub(crate) handle: libc::pthread_t,
    /// The kernel's number of the thread, for its name; 0 until it has run.
    pub(crate) kernel_id: libc::pid_t,
    pub(crate) stack: Stack,
    pub(crate) detached: bool,
    /// What the thread has returned.
    pub(crate) result: *mut c_void,
    /// Where it is, when it was asked.
    pub(crate) frames: Option<Frames>,
}

/// All that belongs to the simulation of this process.
pub(crate) struct Simulation {
    pub(crate) world: World<Keep>,
    pub(crate) stacks: Stacks,
    /// Who asks the thread that gets the token next where it is, and has the token back at once.
    pub(crate) asker: Option<Slot>,
    /// Nobody can run any more: the first thread ends the simulation.
    stalled: bool,
    pub(crate) on_stall: fn(Stall) -> !,
}

struct Cabinet(UnsafeCell<Option<Simulation>>);

// SAFETY: only the thread that holds the token opens it.
unsafe impl Sync for Cabinet {}

static SIMULATION: Cabinet = Cabinet(UnsafeCell::new(None));

/// Counts how often the token has been needed, for those who watch from outside.
pub(crate) static PULSE: AtomicU64 = AtomicU64::new(0);

/// The kernel's number of the thread that holds the token.
pub(crate) static HOLDER: AtomicU32 = AtomicU32::new(0);

thread_local! {
    /// The calling thread's seat; null outside of the simulation. Set only while it holds the token or
    /// waits for it in this module, so whoever finds it set holds the token.
    static SEAT: Cell<*mut Seat> = const { Cell::new(ptr::null_mut()) };
}

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
    (!seat.is_null()).then(|| unsafe { (*seat).slot })
}

/// Puts the simulation in place.
pub(crate) fn install(world: World<Keep>, on_stall: fn(Stall) -> !) {
    let simulation =
        Simulation { world, stacks: Stacks::default(), asker: None, stalled: false, on_stall };
    // SAFETY: called once, before there is a token.
    unsafe { *SIMULATION.0.get() = Some(simulation) };
}

/// Opens the books. The caller holds the token, or there is none yet; `look` neither switches threads
/// nor opens the books again.
pub(crate) fn with<R>(look: impl FnOnce(&mut Simulation) -> R) -> R {
    // SAFETY: one thread at a time by what the caller keeps, and not twice in one thread.
    let simulation = unsafe { &mut *SIMULATION.0.get() };
    look(simulation.as_mut().expect("simulated threads exist only in a simulation"))
}

impl Seat {
    pub(crate) fn new(slot: Slot, start: Start, argument: *mut c_void) -> *mut Seat {
        Box::into_raw(Box::new(Seat { baton: AtomicU32::new(0), slot, start, argument }))
    }
}

/// Hands the token to a seat. The caller must not touch the books, nor its own seat unless it then
/// waits there.
pub(crate) fn give(seat: *mut Seat) {
    // SAFETY: a seat that may get the token has a thread, waiting or about to wait.
    let baton = unsafe { &raw const (*seat).baton };
    // SAFETY: as above; the seat may be gone as soon as the store is seen.
    unsafe { (*baton).store(1, Ordering::Release) };
    real::futex_wake(baton);
}

/// Waits for the token; answers whoever asks where this thread is.
pub(crate) fn take(seat: *mut Seat) {
    loop {
        // SAFETY: the calling thread's own seat.
        let baton = unsafe { &(*seat).baton };
        while baton.swap(0, Ordering::Acquire) == 0 {
            real::futex_wait(baton, 0);
        }
        // SAFETY: the calling thread's own seat.
        let slot = unsafe { (*seat).slot };
        let Some(asker) = with(|simulation| simulation.asker.take()) else {
            break;
        };
        let frames = Frames::here();
        give(with(|simulation| {
            simulation.world.thread_mut(slot).keep.frames = Some(frames);
            simulation.world.thread(asker).keep.seat
        }));
    }
    SEAT.set(seat);
}

/// Lets the scheduler choose who runs next, until it is this thread again.
pub(crate) fn reschedule(own: Slot) {
    PULSE.fetch_add(1, Ordering::Relaxed);
    let (next, seat) = with(|simulation| (simulation.next(), simulation.world.thread(own).keep.seat));
    if next != seat {
        give(next);
        take(seat);
    }
    if own == 0 && with(|simulation| simulation.stalled) {
        let on_stall = with(|simulation| {
            simulation.stalled = false;
            simulation.on_stall
        });
        on_stall(Stall::Deadlock);
    }
}

impl Simulation {
    /// The seat of the thread that gets the token. If nobody can run, that is the first thread, which
    /// lives as long as the simulation.
    pub(crate) fn next(&mut self) -> *mut Seat {
        let chosen = self.world.choose().unwrap_or_else(|| {
            self.stalled = true;
            self.world.revive(0);
            0
        });
        let keep = &self.world.thread(chosen).keep;
        HOLDER.store(keep.kernel_id as u32, Ordering::Relaxed);
        keep.seat
    }
}

/// Blocks the calling thread until what it waits for has happened, or until the deadline.
pub(crate) fn block(own: Slot, wait: Wait, deadline: Option<u64>) -> Woken {
    with(|simulation| simulation.world.block(own, wait, deadline));
    reschedule(own);
    with(|simulation| simulation.world.woken(own))
}

/// Lets others run before the calling thread goes on.
pub(crate) fn step_aside(own: Slot, kind: Kind) {
    with(|simulation| simulation.world.step_aside(own, kind));
    reschedule(own);
}

/// Lets others run if the seed says so, once in `one_in` times.
pub(crate) fn interrupt(own: Slot, one_in: u32) {
    if with(|simulation| simulation.world.draw(one_in)) {
        step_aside(own, Kind::Interrupt);
    }
}

/// Asks a thread that waits for the token where it is.
pub(crate) fn ask(own: Slot, other: Slot) -> Option<Frames> {
    let (seat, other_seat) = with(|simulation| {
        simulation.asker = Some(own);
        let seat_of = |slot| simulation.world.thread(slot).keep.seat;
        (seat_of(own), seat_of(other))
    });
    give(other_seat);
    take(seat);
    with(|simulation| simulation.world.thread_mut(other).keep.frames.take())
}

/// Leaves the simulation: the calling thread gives up the token for good.
pub(crate) fn leave(own: Slot) {
    let next = with(|simulation| {
        simulation.end(own);
        simulation.next()
    });
    SEAT.set(ptr::null_mut());
    give(next);
}

impl Simulation {
    fn end(&mut self, slot: Slot) {
        self.world.end(slot);
        if self.world.thread(slot).keep.detached {
            self.remove(slot);
        }
    }

    /// Forgets a thread that has ended and that nobody can ask for any more. Returns its result.
    pub(crate) fn remove(&mut self, slot: Slot) -> *mut c_void {
        let Some(thread) = self.world.remove(slot) else {
            return ptr::null_mut();
        };
        let keep = thread.keep;
        self.stacks.give(keep.stack, keep.handle);
        // SAFETY: made by `Seat::new`; its thread has left it, or is the caller and does not use it
        // any more.
        drop(unsafe { Box::from_raw(keep.seat) });
        keep.result
    }
}
