//! Locks and conditions of parking_lot.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::scenario::{ROUNDS, Scenario, THREADS, in_threads, see, sleep_micros};

pub(crate) const SCENARIOS: &[Scenario] = &[
    ("parking_lot_mutex", parking_lot_mutex),
    ("parking_lot_rwlock", parking_lot_rwlock),
    ("parking_lot_condvar", parking_lot_condvar),
    ("parking_lot_others", parking_lot_others),
];

fn parking_lot_mutex() {
    let last = Arc::new(parking_lot::Mutex::new((0, 0)));
    in_threads(move |number| {
        for round in 0..ROUNDS {
            let Some(mut last) = last.try_lock_for(Duration::from_micros(round * 3)) else {
                see(number);
                continue;
            };
            see(last.0);
            let count = last.1;
            sleep_micros(10);
            assert_eq!(last.1, count, "another thread was let in");
            *last = (number, count + 1);
        }
    });
}

fn parking_lot_rwlock() {
    let value = Arc::new(parking_lot::RwLock::new(0));
    in_threads(move |number| {
        for round in 0..ROUNDS {
            match (round + number) % 4 {
                0 => *value.write() += number,
                1 => {
                    let read = value.upgradable_read();
                    sleep_micros(3);
                    *parking_lot::RwLockUpgradableReadGuard::upgrade(read) += 1;
                }
                2 => see(value.try_read_for(Duration::from_micros(5)).map_or(0, |value| *value)),
                _ => {
                    let value = value.read();
                    sleep_micros(5);
                    see(*value);
                }
            }
        }
    });
}

fn parking_lot_condvar() {
    let shared = Arc::new((parking_lot::Mutex::new(0), parking_lot::Condvar::new()));
    in_threads(move |number| {
        let (turn, changed) = &*shared;
        for round in 0..ROUNDS {
            let mut turn = turn.lock();
            while *turn % THREADS != number {
                let until = Instant::now() + Duration::from_millis(1);
                see(u64::from(changed.wait_until(&mut turn, until).timed_out()));
            }
            *turn += 1;
            see(round);
            changed.notify_all();
        }
    });
}

fn parking_lot_others() {
    static ONCE: parking_lot::Once = parking_lot::Once::new();
    let nested = Arc::new(parking_lot::ReentrantMutex::new(Cell::new(0)));
    let fair = Arc::new(parking_lot::FairMutex::new(0));
    in_threads(move |number| {
        ONCE.call_once(|| {
            sleep_micros(100);
            see(number);
        });
        for _ in 0..ROUNDS {
            let outer = nested.lock();
            let inner = nested.lock();
            sleep_micros(3);
            see(inner.replace(number));
            drop((outer, inner));
            let mut fair = fair.lock();
            see(*fair);
            *fair = number;
        }
    });
}
