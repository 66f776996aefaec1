//! How threads start, take turns and end.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use super::scenario::{Scenario, THREADS, edge, in_threads, see, sleep_micros};

pub(crate) const SCENARIOS: &[Scenario] = &[
    ("scoped_threads", scoped_threads),
    ("detached_threads", detached_threads),
    ("join_handles", join_handles),
    ("thread_locals", thread_locals),
    ("panics", panics),
    ("processors", processors),
    ("yields", yields),
    ("spins", spins),
    ("many_threads", many_threads),
];

fn scoped_threads() {
    let total = AtomicUsize::new(0);
    for _ in 0..5 {
        thread::scope(|scope| {
            for number in 0..THREADS {
                let total = &total;
                scope.spawn(move || {
                    sleep_micros(10);
                    see(total.fetch_add(number as usize, Ordering::Relaxed) as u64);
                });
            }
        });
    }
}

fn detached_threads() {
    let left = Arc::new(AtomicUsize::new(100));
    for number in 0..100 {
        let left = left.clone();
        thread::spawn(move || {
            sleep_micros(number % 7);
            see(number);
            left.fetch_sub(1, Ordering::Relaxed);
        });
    }
    while left.load(Ordering::Relaxed) > 0 {
        sleep_micros(10);
    }
}

fn join_handles() {
    let threads: Vec<_> = (0..THREADS)
        .map(|number| {
            thread::spawn(move || {
                sleep_micros(100 - number);
                number
            })
        })
        .collect();
    sleep_micros(95);
    for thread in threads {
        see(u64::from(thread.is_finished()));
        see(thread.join().expect("it does not panic"));
    }
}

struct Farewell(u64);

impl Drop for Farewell {
    /// The destructor of a thread-local that sleeps, and takes a lock that others want.
    fn drop(&mut self) {
        static LAST: Mutex<u64> = Mutex::new(0);
        let mut last = LAST.lock().expect("nobody panics");
        see(*last);
        sleep_micros(20);
        *last = self.0;
    }
}

thread_local! {
    static FAREWELL: Cell<Option<Farewell>> = const { Cell::new(None) };
    static SECOND: Farewell = const { Farewell(1_000) };
}

fn thread_locals() {
    for _ in 0..5 {
        in_threads(|number| {
            FAREWELL.set(Some(Farewell(number)));
            SECOND.with(|second| see(second.0));
        });
    }
}

fn panics() {
    std::panic::set_hook(Box::new(|_| {}));
    let poisoned = Arc::new(Mutex::new(0));
    let threads: Vec<_> = (0..THREADS)
        .map(|number| {
            let poisoned = poisoned.clone();
            thread::spawn(move || {
                let mut value = poisoned.lock().unwrap_or_else(|poison| poison.into_inner());
                sleep_micros(10);
                *value = number;
                assert!(number % 2 == 0, "an odd thread panics");
            })
        })
        .collect();
    for thread in threads {
        see(u64::from(thread.join().is_err()));
    }
    see(u64::from(poisoned.is_poisoned()));
}

fn processors() {
    assert_eq!(thread::available_parallelism().expect("it is known").get(), 1);
    in_threads(see);
}

fn yields() {
    let turn = Arc::new(AtomicUsize::new(0));
    in_threads(move |number| {
        for round in 0..5 {
            while turn.load(Ordering::Relaxed) % THREADS as usize != number as usize {
                thread::yield_now();
            }
            see(round);
            turn.fetch_add(1, Ordering::Relaxed);
        }
    });
}

/// Each thread waits for the one before it without a call of the system.
fn spins() {
    let turn = Arc::new(AtomicUsize::new(0));
    in_threads(move |number| {
        while turn.load(Ordering::Relaxed) != number as usize {
            edge(0);
        }
        sleep_micros(3_000);
        see(number);
        turn.fetch_add(1, Ordering::Relaxed);
    });
}

fn many_threads() {
    for _ in 0..50 {
        in_threads(|number| sleep_micros(number % 3));
    }
}
