//! Whether the program uses the symbols that this crate defines.

use std::collections::hash_map::RandomState;
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::token;

/// What a program does through the symbols of this crate, and a way to do it. A new std or libc might use
/// other symbols.
const ACTIONS: [(&str, fn()); 6] = [
    ("reads clocks", || {
        let _ = Instant::now();
    }),
    ("sleeps", || thread::sleep(Duration::from_nanos(1))),
    ("yields", thread::yield_now),
    ("draws random numbers", || {
        let _ = RandomState::new();
    }),
    ("starts threads", || {
        // An attempt is enough, even if no thread can be started.
        let _ = thread::Builder::new().spawn(|| {}).map(thread::JoinHandle::join);
    }),
    ("waits", || {
        let lock = Mutex::new(());
        if let Ok(held) = lock.lock() {
            let _ = Condvar::new().wait_timeout(held, Duration::from_nanos(1));
        }
    }),
];

/// What the program can do without the simulation seeing it, if anything. Called in its first thread.
pub(crate) fn unseen() -> Option<&'static str> {
    let events = || token::with(|simulation| simulation.world.trace.events);
    let is_unseen = |action: &&(&str, fn())| {
        let before = events();
        (action.1)();
        events() == before
    };
    ACTIONS.iter().find(is_unseen).map(|(what, _)| *what)
}
