//! The token: of all simulated threads only the one that holds it runs, and opens the books.

use std::cell::UnsafeCell;
use std::ffi::{CString, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::backtraces::Frames;
use super::seat::{self, Seat};
use super::stacks::{Stack, Stacks};
use super::trace::Kind;
use super::world::{Interrupt, Slot, Wait, Woken, World};
use crate::report::Stall;

pub(crate) use super::seat::{current, is_simulated};

/// A destructor of a thread-local, and what it destroys.
pub(crate) type Destructor = (unsafe extern "C" fn(*mut u8), *mut u8);

/// What the simulation keeps with each thread.
pub(crate) struct Keep {
    pub(crate) seat: *mut Seat,
    pub(crate) handle: libc::pthread_t,
    pub(crate) stack: Stack,
    pub(crate) name: CString,
    pub(crate) detached: bool,
    /// What the thread has returned.
    pub(crate) result: *mut c_void,
    /// What is to be called at its end, the last first.
    pub(crate) destructors: Vec<Destructor>,
    /// Where it is, when it was asked.
    pub(crate) frames: Option<Frames>,
}

/// All that belongs to the simulation of this process.
pub(crate) struct Simulation {
    pub(crate) world: World<Keep>,
    pub(crate) stacks: Stacks,
    /// Who asks the thread that gets the token next where it is, and has the token back at once.
    pub(crate) asker: Option<Slot>,
    /// Why the simulation cannot go on: the first thread ends it.
    stall: Option<Stall>,
    on_stall: fn(Stall) -> !,
}

struct Cabinet(UnsafeCell<Option<Simulation>>);

// SAFETY: only the thread that holds the token opens it.
unsafe impl Sync for Cabinet {}

static SIMULATION: Cabinet = Cabinet(UnsafeCell::new(None));

/// Whether the books are open: whoever looks into them must not be interrupted.
static OPEN: AtomicBool = AtomicBool::new(false);

/// Whether threads are being asked where they are: they must stay there.
static ASKING: AtomicBool = AtomicBool::new(false);

/// Counts how often the token has been passed on, for those who watch from outside.
pub(crate) static PULSE: AtomicU64 = AtomicU64::new(0);

/// Puts the simulation in place.
pub(crate) fn install(world: World<Keep>, on_stall: fn(Stall) -> !) {
    let simulation =
        Simulation { world, stacks: Stacks::default(), asker: None, stall: None, on_stall };
    // SAFETY: called once, before there is a token.
    unsafe { *SIMULATION.0.get() = Some(simulation) };
}

/// Opens the books. The caller holds the token, or there is none yet; `look` neither switches threads
/// nor opens the books again.
pub(crate) fn with<R>(look: impl FnOnce(&mut Simulation) -> R) -> R {
    OPEN.store(true, Ordering::Relaxed);
    // SAFETY: one thread at a time by what the caller keeps, and not twice in one thread.
    let simulation = unsafe { &mut *SIMULATION.0.get() };
    let result = look(simulation.as_mut().expect("simulated threads exist only in a simulation"));
    OPEN.store(false, Ordering::Relaxed);
    result
}

/// Whether the calling thread, which holds the token, has the books open.
pub(crate) fn is_open() -> bool {
    OPEN.load(Ordering::Relaxed)
}

/// Lets the scheduler choose who runs next, until it is this thread again.
fn reschedule(own: Slot) {
    let (seat, next) = with(|simulation| (simulation.seat_of(own), simulation.next()));
    if next != seat {
        switch(seat, next);
    }
    if own == 0
        && let Some(stall) = with(|simulation| simulation.stall.take())
    {
        end_with(stall);
    }
}

/// Ends the simulation from a simulated thread.
pub(crate) fn end_with(stall: Stall) -> ! {
    let on_stall = with(|simulation| simulation.on_stall);
    on_stall(stall)
}

/// Goes to another thread, and comes back when it is this one's turn; answers whoever asks meanwhile
/// where this thread is.
fn switch(own: *mut Seat, next: *mut Seat) {
    seat::switch(own, next);
    answer(own);
}

/// Tells who asks for it where the calling thread is, and gives the token back.
pub(crate) fn answer(own: *mut Seat) {
    while let Some(asker) = with(|simulation| simulation.asker.take()) {
        let frames = Frames::here();
        let asker = with(|simulation| {
            // SAFETY: the calling thread's own seat.
            let slot = unsafe { (*own).slot.get() };
            simulation.world.thread_mut(slot).keep.frames = Some(frames);
            simulation.seat_of(asker)
        });
        seat::switch(own, asker);
    }
}

/// Does something during which no thread is interrupted.
pub(crate) fn undisturbed<R>(work: impl FnOnce() -> R) -> R {
    ASKING.store(true, Ordering::Relaxed);
    let result = work();
    ASKING.store(false, Ordering::Relaxed);
    result
}

/// Asks a thread that waits for the token where it is.
pub(crate) fn ask(own: Slot, other: Slot) -> Option<Frames> {
    let (seat, other_seat) = with(|simulation| {
        simulation.asker = Some(own);
        (simulation.seat_of(own), simulation.seat_of(other))
    });
    seat::switch(seat, other_seat);
    with(|simulation| simulation.world.thread_mut(other).keep.frames.take())
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
    if ASKING.load(Ordering::Relaxed) {
        return;
    }
    match with(|simulation| simulation.world.draw_interrupt(one_in)) {
        None => {}
        Some(Interrupt::StepAside) => step_aside(own, Kind::Interrupt),
        Some(Interrupt::Pause { until }) => {
            block(own, Wait::Sleep, Some(until));
        }
    }
}

/// Leaves the simulation: the calling thread gives up the token for good.
pub(crate) fn leave(own: *mut Seat) {
    let next = with(|simulation| {
        // SAFETY: the calling thread's own seat.
        simulation.end(unsafe { (*own).slot.get() });
        simulation.next()
    });
    seat::depart(own, next);
}

impl Simulation {
    pub(crate) fn seat_of(&self, slot: Slot) -> *mut Seat {
        self.world.thread(slot).keep.seat
    }

    /// The seat of the thread that gets the token. If the simulation cannot go on, that is the first
    /// thread, which lives as long as the simulation.
    fn next(&mut self) -> *mut Seat {
        PULSE.fetch_add(1, Ordering::Relaxed);
        let chosen = self.world.choose().unwrap_or_else(|stall| {
            self.stall = Some(stall);
            self.world.revive(0);
            0
        });
        self.seat_of(chosen)
    }

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
        let Keep { stack, handle, seat, result, .. } = thread.keep;
        self.stacks.give(stack, handle, seat);
        result
    }
}
