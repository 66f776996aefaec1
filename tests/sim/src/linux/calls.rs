//! What a simulated program asks of the simulation itself.

use std::fmt;
use std::time::Duration;

use super::states::Wait;
use super::{current, token};
use crate::simulation::Digest;
use crate::time::nanoseconds;

/// Lets other threads run if the seed says so, once in `one_in` times on average.
pub(crate) fn interrupt(one_in: u32) {
    if let Some(own) = current::slot() {
        token::interrupt(own, one_in);
    }
}

/// Notes an event of the program itself.
pub(crate) fn note(key: u64, text: fmt::Arguments<'_>) {
    let Some(own) = current::slot() else {
        return;
    };
    token::with(|simulation| {
        let world = &mut simulation.world;
        let (now, number) = (world.now(), world.thread(own).number);
        world.trace.note(now, number, key, text);
    });
}

/// What has happened so far, for the thread that holds the token.
pub(crate) fn digest() -> Option<Digest> {
    current::holds_token().then(|| {
        token::with(|simulation| Digest {
            events: simulation.world.trace.events,
            hash: simulation.world.trace.hash,
            time: Duration::from_nanos(simulation.world.now()),
        })
    })
}

/// The virtual time, for a thread that holds the token.
pub(crate) fn now() -> Option<Duration> {
    let now = || token::with(|simulation| Duration::from_nanos(simulation.world.now()));
    current::holds_token().then(now)
}

/// Moves virtual time forward to `time`.
pub(crate) fn advance_to(time: Duration) {
    if current::holds_token() {
        token::with(|simulation| simulation.world.advance_to(nanoseconds(time)));
    }
}

/// Blocks the calling thread of a guest until news have come.
pub(crate) fn await_news() {
    if let Some(own) = current::slot()
        && !token::with(|simulation| simulation.world.take_news())
    {
        token::block(own, Wait::News, None);
    }
}

/// Blocks the calling thread of a guest until its turn is about to end.
pub(crate) fn await_end_of_turn() {
    if let Some(own) = current::slot() {
        token::block(own, Wait::EndOfTurn, None);
    }
}

/// Calls `work`, during which no other simulated thread runs.
pub(crate) fn uninterrupted<R>(work: impl FnOnce() -> R) -> R {
    if current::is_simulated() { token::without_interrupts(work) } else { work() }
}
