//! Who is told of interrupts.

use std::sync::OnceLock;
use std::time::Duration;

use super::backtraces::Frames;
use super::current;
use crate::report::Interruption;

pub(crate) type Listener = Box<dyn Fn(Interruption) + Send + Sync>;

static LISTENER: OnceLock<Listener> = OnceLock::new();

/// From now on `listener` is called, outside of the simulation, before a thread is interrupted.
pub(crate) fn listen(listener: Listener) {
    let _ = LISTENER.set(listener);
}

/// The calling thread is about to be interrupted, in nanoseconds from `now` to `until` or a bit later.
pub(crate) fn tell(now: u64, until: u64) {
    if let Some(listener) = LISTENER.get() {
        let (at, pause) =
            (Duration::from_nanos(now), Duration::from_nanos(until.saturating_sub(now)));
        // Taking a backtrace allocates, too.
        current::outside(|| listener(Interruption { at, pause, frames: Frames::here().resolve() }));
    }
}
