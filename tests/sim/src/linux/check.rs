//! Whether the program comes to this crate's symbols at all.

use std::collections::hash_map::RandomState;
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::token;

/// What a program does in ways that must come by here. Another std or libc might go another way.
const WAYS: [(&str, fn()); 6] = [
    ("reads clocks", || {
        let _ = Instant::now();
    }),
    ("sleeps", || thread::sleep(Duration::from_nanos(1))),
    ("yields", thread::yield_now),
    ("draws random numbers", || {
        let _ = RandomState::new();
    }),
    ("starts threads", || {
        // A thread that cannot be started has come by, too.
        let _ = thread::Builder::new().spawn(|| {}).map(thread::JoinHandle::join);
    }),
    ("waits", || {
        let lock = Mutex::new(());
        if let Ok(held) = lock.lock() {
            let _ = Condvar::new().wait_timeout(held, Duration::from_nanos(1));
        }
    }),
];

/// What the program does that the simulation does not see; called in its first thread.
pub(crate) fn unseen() -> Option<&'static str> {
    let events = || token::with(|simulation| simulation.world.trace.events);
    let is_unseen = |way: &&(&str, fn())| {
        let before = events();
        way.1();
        events() == before
    };
    WAYS.iter().find(is_unseen).map(|(what, _)| *what)
}
