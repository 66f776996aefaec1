//! Small programs that cannot continue, and what reports must say about them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Condvar, Mutex, Once, RwLock, mpsc};
use std::thread;

use crossbeam_channel::bounded;

use crate::scenarios::scenario::edge;

/// A name, a program, and what the report must contain.
pub(crate) type Stall = (&'static str, fn(), &'static [&'static str]);

pub(crate) const STALLS: &[Stall] = &[
    (
        "deadlock_of_two_locks",
        two_locks,
        &["Deadlock", "\"first\" waits for a lock", "\"second\" waits for a lock", "stalls.rs"],
    ),
    (
        "deadlock_by_preemption",
        locks_in_both_orders,
        &["Deadlock", "\"first\" waits for a lock", "\"second\" waits for a lock"],
    ),
    (
        "deadlock_in_every_kind_of_wait",
        every_kind_of_wait,
        &[
            "\"std mutex\" waits for a lock",
            "\"std rwlock\" waits for a lock",
            "\"std condvar\" waits for a condition",
            "\"mpsc\" waits on a channel",
            "\"barrier\" waits at a barrier",
            "\"once\" waits for an initialisation",
            "\"park\" is parked",
            "\"parking_lot mu\" waits for a lock",
            "\"parking_lot rw\" waits for a lock",
            "\"parking_lot co\" waits for a condition",
            "\"crossbeam\" waits on a channel",
            "\"scope\" waits for the end of scoped threads",
            "\"join\" waits for the end of thread",
        ],
    ),
    ("deadlock_in_a_destructor", in_a_destructor, &["Deadlock", "\"dying\" is parked"]),
    ("deadlock_when_a_thread_ends", when_a_thread_ends, &["Deadlock", "\"left\" waits for a lock"]),
    ("livelock", livelock, &["OutOfTime", "\"polite\""]),
    ("spin", spin, &["Spin", "\"spinner\"", "spin_on"]),
    ("spin_with_edges", spin_with_edges, &["Spin", "\"spinner\"", "pass_edges"]),
];

fn named(name: &str, run: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    thread::Builder::new().name(name.to_owned()).spawn(run).expect("there are few threads")
}

fn two_locks() {
    let locks = [Arc::new(Mutex::new(())), Arc::new(Mutex::new(()))];
    let meeting = Arc::new(Barrier::new(2));
    let threads = [("first", 0), ("second", 1)].map(|(name, order)| {
        let (locks, meeting) = (locks.clone(), meeting.clone());
        named(name, move || {
            let _own = locks[order].lock();
            meeting.wait();
            let _other = locks[1 - order].lock();
        })
    });
    for thread in threads {
        thread.join().expect("it does not panic");
    }
}

/// Nothing happens between the two locks but what the compiler inserts at the edge between two basic blocks.
fn locks_in_both_orders() {
    let locks = [Arc::new(Mutex::new(())), Arc::new(Mutex::new(()))];
    let threads = [("first", 0), ("second", 1)].map(|(name, order)| {
        let locks = locks.clone();
        named(name, move || {
            for round in 0..100_000 {
                let _own = locks[order].lock();
                edge(round);
                let _other = locks[1 - order].lock();
                edge(round);
            }
        })
    });
    for thread in threads {
        thread.join().expect("it does not panic");
    }
}

fn every_kind_of_wait() {
    named("std mutex", || {
        let lock = Mutex::new(());
        let _held = lock.lock();
        drop(lock.lock());
    });
    named("std rwlock", || {
        let lock = RwLock::new(());
        let _held = lock.write();
        drop(lock.read());
    });
    named("std condvar", || {
        let lock = Mutex::new(());
        let held = lock.lock().expect("nobody panics");
        drop(Condvar::new().wait(held));
    });
    let (sender, receiver) = mpsc::channel::<()>();
    named("mpsc", move || assert!(receiver.recv().is_err()));
    named("barrier", || {
        Barrier::new(2).wait();
    });
    named("once", || {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            named("inner", || ONCE.call_once(|| {})).join().expect("it does not panic");
        });
    });
    static OTHER: Once = Once::new();
    named("initialiser", || OTHER.call_once(thread::park));
    thread::sleep(std::time::Duration::from_millis(1));
    named("once", || OTHER.call_once(|| {}));
    named("park", thread::park);
    named("parking_lot mu", || {
        let lock = parking_lot::Mutex::new(());
        let _held = lock.lock();
        drop(lock.lock());
    });
    named("parking_lot rw", || {
        let lock = parking_lot::RwLock::new(());
        let _held = lock.write();
        drop(lock.read());
    });
    named("parking_lot co", || {
        let lock = parking_lot::Mutex::new(());
        parking_lot::Condvar::new().wait(&mut lock.lock());
    });
    let (crossbeam_sender, crossbeam_receiver) = bounded::<()>(0);
    named("crossbeam", move || assert!(crossbeam_receiver.recv().is_err()));
    named("scope", || {
        thread::scope(|scope| {
            scope.spawn(thread::park);
        });
    });
    let last = named("join", || named("inner", thread::park).join().expect("it does not panic"));
    last.join().expect("it does not panic");
    drop((sender, crossbeam_sender));
}

struct Parks;

impl Drop for Parks {
    fn drop(&mut self) {
        thread::park();
    }
}

fn in_a_destructor() {
    thread_local! {
        static PARKS: Parks = const { Parks };
    }
    let dying = named("dying", || PARKS.with(|_| {}));
    dying.join().expect("it does not panic");
}

fn when_a_thread_ends() {
    let lock = Arc::new(Mutex::new(()));
    let other = lock.clone();
    let left = named("left", move || {
        thread::sleep(std::time::Duration::from_millis(1));
        drop(other.lock());
    });
    // The guard is never dropped, and the thread that owns it is the last to run.
    named("leaver", move || {
        std::mem::forget(lock.lock());
        thread::sleep(std::time::Duration::from_millis(2));
    });
    left.join().expect("it does not panic");
}

/// Two threads that always let each other run first.
fn livelock() {
    let polite = || {
        loop {
            thread::yield_now();
            thread::sleep(std::time::Duration::from_secs(1));
        }
    };
    named("other", polite);
    named("polite", polite).join().expect("it does not end");
}

fn spin() {
    let flag = Arc::new(AtomicBool::new(false));
    named("spinner", move || spin_on(&flag)).join().expect("it does not panic");
}

fn spin_with_edges() {
    named("spinner", pass_edges).join().expect("it does not panic");
}

#[inline(never)]
fn pass_edges() {
    loop {
        edge(0);
    }
}

#[inline(never)]
fn spin_on(flag: &AtomicBool) {
    while !flag.load(Ordering::Relaxed) {
        std::hint::spin_loop();
    }
}
