//! The token is the right to run. Only the simulated thread that holds it runs, and only that thread may
//! look at the data of the simulation.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, Ordering};

use super::active_simulation::ActiveSimulation;
use super::backtraces::Frames;
use super::os_thread::OsThread;
use super::states::{Interrupt, Slot, Wait, Woken};
use super::trace::Kind;
use super::{current, interrupt_listener, switching};
use crate::report::Stall;

struct SimulationCell(UnsafeCell<Option<ActiveSimulation>>);

// SAFETY: only the thread that holds the token looks inside.
unsafe impl Sync for SimulationCell {}

static SIMULATION: SimulationCell = SimulationCell(UnsafeCell::new(None));

/// Whether a thread is inside of [`with`], where it must not be interrupted.
static IN_USE: AtomicBool = AtomicBool::new(false);

/// Whether threads must not be interrupted, because they are being asked where they are.
static INTERRUPTS_OFF: AtomicBool = AtomicBool::new(false);

/// Makes `simulation` the one of this process.
pub(crate) fn install(simulation: ActiveSimulation) {
    // SAFETY: called once, before there is a token.
    unsafe { *SIMULATION.0.get() = Some(simulation) };
}

/// Gives access to the simulation. The caller holds the token, or there is none yet; `work` neither
/// switches threads nor calls this function again.
pub(crate) fn with<R>(work: impl FnOnce(&mut ActiveSimulation) -> R) -> R {
    IN_USE.store(true, Ordering::Relaxed);
    // SAFETY: the caller promises that one thread calls this at a time, and does not nest the calls.
    let simulation = unsafe { &mut *SIMULATION.0.get() };
    let result = work(simulation.as_mut().expect("simulated threads exist only in a simulation"));
    IN_USE.store(false, Ordering::Relaxed);
    result
}

/// Whether no thread must be interrupted now.
pub(crate) fn has_interrupts_off() -> bool {
    INTERRUPTS_OFF.load(Ordering::Relaxed)
}

/// Whether the calling thread, which holds the token, is inside of [`with`].
pub(crate) fn is_in_use() -> bool {
    IN_USE.load(Ordering::Relaxed)
}

/// Lets the scheduler choose who runs next. Returns when it is this thread's turn again.
fn reschedule(own: Slot) {
    let (own_thread, next) =
        with(|simulation| (simulation.os_thread(own), simulation.choose_next()));
    if next != own_thread {
        preemption::in_another_thread(|| switching::switch(own_thread, next));
        answer(own_thread);
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

/// Asks a thread that waits for the token where it is.
pub(crate) fn ask(own: Slot, other: Slot) -> Option<Frames> {
    let (own_thread, other_thread) = with(|simulation| {
        simulation.asker = Some(own);
        (simulation.os_thread(own), simulation.os_thread(other))
    });
    switching::switch(own_thread, other_thread);
    with(|simulation| simulation.world.thread_mut(other).record.frames.take())
}

/// If the calling thread has got the token from [`ask`], answers and gives the token back, until it has it
/// for another reason.
pub(crate) fn answer(own: *mut OsThread) {
    while let Some(asker) = with(|simulation| simulation.asker.take()) {
        let frames = Frames::here();
        let asker = with(|simulation| {
            // SAFETY: the calling thread's own record.
            let slot = unsafe { (*own).slot.get() };
            simulation.world.thread_mut(slot).record.frames = Some(frames);
            simulation.os_thread(asker)
        });
        switching::switch(own, asker);
    }
}

/// Calls `work`, during which no thread is interrupted.
pub(crate) fn without_interrupts<R>(work: impl FnOnce() -> R) -> R {
    let before = INTERRUPTS_OFF.swap(true, Ordering::Relaxed);
    let result = work();
    INTERRUPTS_OFF.store(before, Ordering::Relaxed);
    result
}

/// Blocks the calling thread until what it waits for has happened, or until the deadline.
pub(crate) fn block(own: Slot, wait: Wait, deadline: Option<u64>) -> Woken {
    with(|simulation| simulation.world.block(own, wait, deadline));
    reschedule(own);
    with(|simulation| simulation.world.woken(own))
}

/// Lets other threads run before the calling thread continues. `kind` says why.
pub(crate) fn let_others_run(own: Slot, kind: Kind) {
    with(|simulation| simulation.world.let_others_run(own, kind));
    reschedule(own);
}

/// Lets other threads run if the seed says so, once in `one_in` times on average.
pub(crate) fn interrupt(own: Slot, one_in: u32) {
    if has_interrupts_off() {
        return;
    }
    obey(own, with(|simulation| simulation.world.draw_interrupt(one_in)));
}

/// Interrupts the calling thread at an edge between two basic blocks, once in `one_in` times on average.
pub(crate) fn preempt(own: Slot, one_in: u32) {
    obey(own, with(|simulation| simulation.world.draw_preemption(one_in)));
}

/// Delays the calling thread for so many nanoseconds.
pub(crate) fn pause(own: Slot, nanoseconds: u64) {
    let until = with(|simulation| simulation.world.now() + nanoseconds);
    block(own, Wait::Pause, Some(until));
}

fn obey(own: Slot, interrupt: Option<Interrupt>) {
    let Some(interrupt) = interrupt else {
        return;
    };
    let now = with(|simulation| simulation.world.now());
    let until = match interrupt {
        Interrupt::LetOthersRun => now,
        Interrupt::Pause { until } => until,
    };
    if with(|simulation| simulation.world.tells_interrupts()) {
        interrupt_listener::tell(now, until);
    }
    match interrupt {
        Interrupt::LetOthersRun => let_others_run(own, Kind::Interrupt),
        Interrupt::Pause { until } => _ = block(own, Wait::Pause, Some(until)),
    }
}

/// Ends the calling thread in the simulation and gives up the token for good.
pub(crate) fn end_thread(own: *mut OsThread) {
    let next = with(|simulation| {
        // SAFETY: the calling thread's own record.
        simulation.end(unsafe { (*own).slot.get() });
        simulation.choose_next()
    });
    current::leave();
    switching::depart(own, next);
}
