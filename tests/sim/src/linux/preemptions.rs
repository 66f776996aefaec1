//! Interrupts threads anywhere in code that is compiled for it: at the edges between its basic blocks, which the
//! crate `preemption` counts.
//!
//! Threads are interrupted at an edge that was seldom passed rather than at one in a loop that runs all the time:
//! few mistakes are in such loops, and most edges are passed there. But a thread may wait in such a loop, without a
//! call of the system, until another one goes on. So loops take time.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use preemption::Edge;

use super::active_simulation::SCHEDULER_CALLS;
use super::{current, thread_reports, token};
use crate::report::Stall;

/// The exponent of the most passes of an edge until a thread is interrupted there for the first time. It grows by
/// [`GROWTH`] with each time, to the largest one.
const FIRST_EXPONENT: u32 = 8;
const GROWTH: u32 = 4;
const LARGEST_EXPONENT: u32 = 20;

/// The exponent of the most passes until it is looked whether the thread is in a loop.
const LOOK_EXPONENT: u32 = 14;

/// A thread is in a loop if it was looked at more often than this in a row, without a call of the scheduler in
/// between. It computes: from one look to the next, that takes [`LOOP_COST`].
const COMPUTES: u32 = 8;
const LOOP_COST: u64 = 1_000;

/// After so many looks in a row it rather waits, and pauses so that others run.
const WAITS: u32 = 1_000;
const LOOP_PAUSE: u64 = 16_000;

/// After so many it spins: meanwhile all others have run for almost half a second.
const SPINS: u32 = 30_000;

/// How often the scheduler had been called when a thread was looked at last.
static CALLS_BEFORE: AtomicU64 = AtomicU64::new(0);

/// How often in a row a thread was looked at without such a call in between.
static LOOKS_IN_A_ROW: AtomicU32 = AtomicU32::new(0);

/// Begins to interrupt.
pub(crate) fn start() {
    preemption::start(preempt);
}

/// The thread that holds the token passes an edge which it has not passed before, or often enough to be interrupted.
fn preempt(edge: &Edge) {
    let Some(own) = current::slot() else {
        return;
    };
    if token::is_in_use() || token::has_interrupts_off() {
        return;
    }
    let exponent = (FIRST_EXPONENT + GROWTH * edge.calls()).min(LARGEST_EXPONENT);
    let is_first = edge.calls() == 0;
    let distance = draw_distance(exponent);
    if is_first && distance > 1 {
        // This pass is the first one of the distance.
        return edge.call_again_after(distance - 1);
    }
    edge.call_again_after(if is_first { draw_distance(exponent + GROWTH) } else { distance });
    if exponent < LOOK_EXPONENT {
        return token::preempt(own, 1);
    }
    match count_looks() {
        0..COMPUTES => token::preempt(own, 1 << (exponent - LOOK_EXPONENT)),
        COMPUTES..WAITS => token::with(|simulation| simulation.world.spend(LOOP_COST)),
        WAITS..SPINS => token::pause(own, LOOP_PAUSE),
        _ => token::end_with(Stall::Spin(thread_reports::spinner(own))),
    }
    CALLS_BEFORE.store(SCHEDULER_CALLS.load(Ordering::Relaxed), Ordering::Relaxed);
}

/// How often in a row the running thread was looked at before.
fn count_looks() -> u32 {
    let calls = SCHEDULER_CALLS.load(Ordering::Relaxed);
    if CALLS_BEFORE.load(Ordering::Relaxed) != calls {
        LOOKS_IN_A_ROW.store(0, Ordering::Relaxed);
        return 0;
    }
    LOOKS_IN_A_ROW.fetch_add(1, Ordering::Relaxed) + 1
}

fn draw_distance(exponent: u32) -> u32 {
    let exponent = exponent.min(LOOK_EXPONENT);
    token::with(|simulation| simulation.world.draw_any_distance(exponent))
}
