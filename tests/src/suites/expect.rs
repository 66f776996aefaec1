//! How a test says what must hold, and waits for it.

use std::fmt::Display;
use std::thread;
use std::time::{Duration, Instant};

use crate::runner::{Class, Failure, fail};

/// Fails the test unless `holds`. Pass texts that must be put together as `format_args!`: then a test that
/// passes does not do so.
pub(super) fn expect(holds: bool, expected: impl Display, seen: impl Display) {
    if !holds {
        fail(Failure::new(Class::Assertion, expected.to_string(), seen.to_string()));
    }
}

/// Whether something happens within this time. It is looked for at once, and then every `pause`.
pub(super) fn happens(
    within: Duration,
    pause: Duration,
    mut condition: impl FnMut() -> bool,
) -> bool {
    let begun = Instant::now();
    while !condition() {
        if begun.elapsed() > within {
            return false;
        }
        thread::sleep(pause);
    }
    true
}
