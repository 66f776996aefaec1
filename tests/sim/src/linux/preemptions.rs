//! Interrupts threads anywhere in code that is compiled for it: at the edges between its basic blocks, which the
//! crate `preemption` counts.
//!
//! Threads are interrupted at an edge that was seldom passed rather than at one in a loop that runs all the time:
//! few mistakes are in such loops, and most edges are passed there.

use preemption::Edge;

use super::{current, token};

/// The exponent of the most passes of an edge until a thread is interrupted there for the first time. It grows with
/// each time, to the largest one.
const FIRST_EXPONENT: u32 = 8;
const LARGEST_EXPONENT: u32 = 20;

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
    let is_first = edge.calls() == 0;
    let distance = draw_distance(edge);
    if is_first && distance > 1 {
        // This pass is the first one of the distance.
        return edge.call_again_after(distance - 1);
    }
    let next = if is_first { draw_distance(edge) } else { distance };
    edge.call_again_after(next);
    token::preempt(own);
}

fn draw_distance(edge: &Edge) -> u32 {
    let exponent = (FIRST_EXPONENT + 4 * edge.calls()).min(LARGEST_EXPONENT);
    token::with(|simulation| simulation.world.draw_any_distance(exponent))
}
