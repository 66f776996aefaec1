//! Locks, conditions, channels, parking, barriers and initialisation in std.

use std::sync::{Arc, Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use super::scenario::{ROUNDS, Scenario, THREADS, in_threads, see, sleep_micros};

pub(crate) const SCENARIOS: &[Scenario] = &[
    ("std_mutex", std_mutex),
    ("std_rwlock", std_rwlock),
    ("std_condvar", std_condvar),
    ("std_mpsc", std_mpsc),
    ("park_and_unpark", park_and_unpark),
    ("barrier", barrier),
    ("once", once),
];

fn std_mutex() {
    let last = Arc::new(Mutex::new((0, 0)));
    in_threads(move |number| {
        for _ in 0..ROUNDS {
            let mut last = last.lock().expect("nobody panics");
            see(last.0);
            let count = last.1;
            sleep_micros(10);
            assert_eq!(last.1, count, "another thread was let in");
            *last = (number, count + 1);
            drop(last);
        }
    });
}

fn std_rwlock() {
    let value = Arc::new(RwLock::new(0));
    in_threads(move |number| {
        for round in 0..ROUNDS {
            if (round + number) % 3 == 0 {
                let mut value = value.write().expect("nobody panics");
                let before = *value;
                sleep_micros(10);
                assert_eq!(*value, before, "another thread was let in");
                *value = before + number;
            } else {
                let value = value.read().expect("nobody panics");
                sleep_micros(5);
                see(*value);
            }
        }
    });
}

fn std_condvar() {
    let shared = Arc::new((Mutex::new(0), Condvar::new()));
    in_threads(move |number| {
        let (turn, changed) = &*shared;
        for round in 0..ROUNDS {
            let mut turn = turn.lock().expect("nobody panics");
            while *turn % THREADS != number {
                let (again, timeout) =
                    changed.wait_timeout(turn, Duration::from_millis(1)).expect("nobody panics");
                turn = again;
                see(u64::from(timeout.timed_out()));
            }
            *turn += 1;
            see(round);
            changed.notify_all();
        }
    });
}

fn std_mpsc() {
    let (sender, receiver) = mpsc::sync_channel(2);
    let feeder = thread::spawn(move || {
        in_threads(move |number| {
            for round in 0..ROUNDS {
                sender.send(number * ROUNDS + round).expect("the receiver takes all");
            }
        });
    });
    for value in receiver {
        see(value);
    }
    feeder.join().expect("it does not panic");
    let (_sender, receiver) = mpsc::channel::<()>();
    let begun = Instant::now();
    assert!(receiver.recv_timeout(Duration::from_millis(30)).is_err());
    assert!(begun.elapsed() >= Duration::from_millis(30));
}

fn park_and_unpark() {
    let main = thread::current();
    let parked = thread::spawn(move || {
        for _ in 0..ROUNDS {
            thread::park();
            main.unpark();
        }
    });
    for round in 0..ROUNDS {
        parked.thread().unpark();
        thread::park_timeout(Duration::from_secs(1));
        see(round);
    }
    parked.thread().unpark();
    // Two calls of unpark may count as one, so the loop calls it until the thread has ended.
    while !parked.is_finished() {
        parked.thread().unpark();
        sleep_micros(100);
    }
    parked.join().expect("it does not panic");
}

fn barrier() {
    let barrier = Arc::new(Barrier::new(THREADS as usize));
    in_threads(move |number| {
        for _ in 0..ROUNDS {
            if barrier.wait().is_leader() {
                see(number);
            }
        }
    });
}

fn once() {
    static ONCE: Once = Once::new();
    static LOCK: OnceLock<u64> = OnceLock::new();
    static LAZY: LazyLock<u64> = LazyLock::new(|| {
        sleep_micros(100);
        7
    });
    in_threads(|number| {
        ONCE.call_once(|| {
            sleep_micros(100);
            see(number);
        });
        see(*LOCK.get_or_init(|| {
            sleep_micros(100);
            number
        }));
        see(*LAZY);
    });
}
