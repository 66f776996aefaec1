//! What a simulated program asks of the simulation itself.

use std::fmt;
use std::mem;
use std::time::Duration;

use super::{current, token};
use crate::simulation::Digest;

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

/// Changes whom the calling thread works for, and returns whom it worked for before.
pub(crate) fn set_owner(owner: Option<u32>) -> Option<u32> {
    let own = current::slot()?;
    token::with(|simulation| mem::replace(&mut simulation.world.thread_mut(own).owner, owner))
}
