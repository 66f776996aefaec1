//! Small programs, each about one way to block, to tell the time or to draw random numbers.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock, mpsc};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crossbeam_channel::{after, bounded, select, tick, unbounded};

/// A name and a program.
pub(crate) type Scenario = (&'static str, fn());

pub(crate) const SCENARIOS: &[Scenario] = &[
    ("std_mutex", std_mutex),
    ("std_rwlock", std_rwlock),
    ("std_condvar", std_condvar),
    ("std_mpsc", std_mpsc),
    ("park_and_unpark", park_and_unpark),
    ("barrier", barrier),
    ("once", once),
    ("scoped_threads", scoped_threads),
    ("detached_threads", detached_threads),
    ("join_handles", join_handles),
    ("thread_locals", thread_locals),
    ("panics", panics),
    ("clocks", clocks),
    ("sleep", sleep),
    ("processors", processors),
    ("yields", yields),
    ("many_threads", many_threads),
    ("parking_lot_mutex", parking_lot_mutex),
    ("parking_lot_rwlock", parking_lot_rwlock),
    ("parking_lot_condvar", parking_lot_condvar),
    ("parking_lot_others", parking_lot_others),
    ("crossbeam_channels", crossbeam_channels),
    ("crossbeam_select", crossbeam_select),
    ("crossbeam_timers", crossbeam_timers),
    ("random_numbers", random_numbers),
    ("hash_order", hash_order),
    ("allocation", allocation),
];

const THREADS: u64 = 8;
const ROUNDS: u64 = 50;

/// Notes what the program has seen, so that it counts for the trace.
fn see(what: u64) {
    sim::note(what, format_args!("sees {what}"));
}

/// Runs `work` in several threads, and waits for them.
fn crowd(work: impl Fn(u64) + Send + Sync + 'static) {
    let work = Arc::new(work);
    let threads: Vec<_> = (0..THREADS)
        .map(|number| {
            let work = work.clone();
            thread::spawn(move || work(number))
        })
        .collect();
    for thread in threads {
        thread.join().expect("no thread of a crowd panics");
    }
}

fn pause(micros: u64) {
    thread::sleep(Duration::from_micros(micros));
}

fn std_mutex() {
    let last = Arc::new(Mutex::new((0, 0)));
    crowd(move |number| {
        for _ in 0..ROUNDS {
            let mut last = last.lock().expect("nobody panics");
            see(last.0);
            let count = last.1;
            pause(10);
            assert_eq!(last.1, count, "another thread was let in");
            *last = (number, count + 1);
            drop(last);
        }
    });
}

fn std_rwlock() {
    let value = Arc::new(RwLock::new(0));
    crowd(move |number| {
        for round in 0..ROUNDS {
            if (round + number) % 3 == 0 {
                let mut value = value.write().expect("nobody panics");
                let before = *value;
                pause(10);
                assert_eq!(*value, before, "another thread was let in");
                *value = before + number;
            } else {
                let value = value.read().expect("nobody panics");
                pause(5);
                see(*value);
            }
        }
    });
}

fn std_condvar() {
    let shared = Arc::new((Mutex::new(0), Condvar::new()));
    crowd(move |number| {
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
        crowd(move |number| {
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
    // A token may have been used twice; the other side always gets its last.
    while !parked.is_finished() {
        parked.thread().unpark();
        pause(100);
    }
    parked.join().expect("it does not panic");
}

fn barrier() {
    let barrier = Arc::new(Barrier::new(THREADS as usize));
    crowd(move |number| {
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
        pause(100);
        7
    });
    crowd(|number| {
        ONCE.call_once(|| {
            pause(100);
            see(number);
        });
        see(*LOCK.get_or_init(|| {
            pause(100);
            number
        }));
        see(*LAZY);
    });
}

fn scoped_threads() {
    let total = AtomicUsize::new(0);
    for _ in 0..5 {
        thread::scope(|scope| {
            for number in 0..THREADS {
                let total = &total;
                scope.spawn(move || {
                    pause(10);
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
            pause(number % 7);
            see(number);
            left.fetch_sub(1, Ordering::Relaxed);
        });
    }
    while left.load(Ordering::Relaxed) > 0 {
        pause(10);
    }
}

fn join_handles() {
    let threads: Vec<_> = (0..THREADS)
        .map(|number| {
            thread::spawn(move || {
                pause(100 - number);
                number
            })
        })
        .collect();
    pause(95);
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
        pause(20);
        *last = self.0;
    }
}

thread_local! {
    static FAREWELL: Cell<Option<Farewell>> = const { Cell::new(None) };
    static SECOND: Farewell = const { Farewell(1_000) };
}

fn thread_locals() {
    for _ in 0..5 {
        crowd(|number| {
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
                pause(10);
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

fn clocks() {
    let wall = SystemTime::now();
    let begun = Instant::now();
    thread::sleep(Duration::from_secs(86_400));
    let slept = begun.elapsed();
    assert!(slept >= Duration::from_secs(86_400) && slept < Duration::from_secs(86_401));
    let passed = wall.elapsed().expect("time does not go back");
    assert!(passed >= slept && passed < slept + Duration::from_secs(1));
    see(slept.as_nanos() as u64);
    // A loop that polls the clock ends.
    let until = Instant::now() + Duration::from_millis(1);
    while Instant::now() < until {}
    assert!(begun.checked_sub(Duration::from_secs(3_600)).is_some());
}

fn processors() {
    assert_eq!(thread::available_parallelism().expect("it is known").get(), 1);
    crowd(see);
}

fn sleep() {
    crowd(|number| {
        for round in 0..ROUNDS {
            let begun = Instant::now();
            let time = Duration::from_micros(number * 100 + round);
            thread::sleep(time);
            assert!(begun.elapsed() >= time);
            see(number);
        }
    });
}

fn yields() {
    let turn = Arc::new(AtomicUsize::new(0));
    crowd(move |number| {
        for round in 0..5 {
            while turn.load(Ordering::Relaxed) % THREADS as usize != number as usize {
                thread::yield_now();
            }
            see(round);
            turn.fetch_add(1, Ordering::Relaxed);
        }
    });
}

fn many_threads() {
    for _ in 0..50 {
        crowd(|number| pause(number % 3));
    }
}

fn parking_lot_mutex() {
    let last = Arc::new(parking_lot::Mutex::new((0, 0)));
    crowd(move |number| {
        for round in 0..ROUNDS {
            let Some(mut last) = last.try_lock_for(Duration::from_micros(round * 3)) else {
                see(number);
                continue;
            };
            see(last.0);
            let count = last.1;
            pause(10);
            assert_eq!(last.1, count, "another thread was let in");
            *last = (number, count + 1);
        }
    });
}

fn parking_lot_rwlock() {
    let value = Arc::new(parking_lot::RwLock::new(0));
    crowd(move |number| {
        for round in 0..ROUNDS {
            match (round + number) % 4 {
                0 => *value.write() += number,
                1 => {
                    let read = value.upgradable_read();
                    pause(3);
                    *parking_lot::RwLockUpgradableReadGuard::upgrade(read) += 1;
                }
                2 => see(value.try_read_for(Duration::from_micros(5)).map_or(0, |value| *value)),
                _ => {
                    let value = value.read();
                    pause(5);
                    see(*value);
                }
            }
        }
    });
}

fn parking_lot_condvar() {
    let shared = Arc::new((parking_lot::Mutex::new(0), parking_lot::Condvar::new()));
    crowd(move |number| {
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
    crowd(move |number| {
        ONCE.call_once(|| {
            pause(100);
            see(number);
        });
        for _ in 0..ROUNDS {
            let outer = nested.lock();
            let inner = nested.lock();
            pause(3);
            see(inner.replace(number));
            drop((outer, inner));
            let mut fair = fair.lock();
            see(*fair);
            *fair = number;
        }
    });
}

fn crossbeam_channels() {
    let (sender, receiver) = unbounded();
    let (zero_sender, zero_receiver) = bounded(0);
    let (one_sender, one_receiver) = bounded(1);
    let relay = thread::spawn(move || {
        for value in receiver {
            zero_sender.send(value).expect("the other end is there");
        }
    });
    let second = thread::spawn(move || {
        for value in zero_receiver {
            one_sender.send(value).expect("the other end is there");
        }
    });
    crowd(move |number| {
        for round in 0..ROUNDS {
            sender.send(number * ROUNDS + round).expect("the other end is there");
        }
    });
    for value in one_receiver {
        see(value);
    }
    relay.join().expect("it does not panic");
    second.join().expect("it does not panic");
}

fn crossbeam_select() {
    let (left_sender, left) = bounded(0);
    let (right_sender, right) = bounded(1);
    let (stop_sender, stop) = bounded::<()>(0);
    let chooser = thread::spawn(move || {
        loop {
            select! {
                recv(left) -> value => see(value.expect("the other end is there")),
                recv(right) -> value => see(value.expect("the other end is there")),
                recv(stop) -> _ => return,
                default(Duration::from_micros(50)) => see(1_000_000),
            }
        }
    });
    // The channels stay open until the chooser has stopped.
    let open = (left_sender.clone(), right_sender.clone());
    crowd(move |number| {
        for round in 0..ROUNDS {
            pause(number * 7);
            select! {
                send(left_sender, round) -> sent => sent.expect("the other end is there"),
                send(right_sender, number) -> sent => sent.expect("the other end is there"),
            }
        }
    });
    drop(stop_sender);
    chooser.join().expect("it does not panic");
    drop(open);
}

fn crossbeam_timers() {
    let ticks = tick(Duration::from_millis(10));
    let end = after(Duration::from_millis(205));
    let begun = Instant::now();
    let mut count = 0;
    loop {
        select! {
            recv(ticks) -> _ => count += 1,
            recv(end) -> _ => break,
        }
    }
    see(begun.elapsed().as_nanos() as u64);
    assert_eq!(count, 20);
}

fn random_numbers() {
    crowd(|_| {
        for _ in 0..3 {
            see(rand::random());
        }
        see(rand::Rng::random_range(&mut rand::rng(), 0..1_000));
    });
}

fn hash_order() {
    crowd(|_| {
        let map: HashMap<u64, u64> = (0..50).map(|number| (number, number)).collect();
        for number in map.keys() {
            see(*number);
        }
    });
}

fn allocation() {
    crowd(|number| {
        for round in 0..ROUNDS {
            let mut bytes: Vec<u8> = Vec::with_capacity((number * 37 + round) as usize);
            bytes.extend((0..round * 100).map(|byte| byte as u8));
            // The address itself is the same in each run.
            see(bytes.as_ptr().addr() as u64);
            pause(1);
            bytes.shrink_to_fit();
            see(bytes.as_ptr().addr() as u64);
        }
    });
}
