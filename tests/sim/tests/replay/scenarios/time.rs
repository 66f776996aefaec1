//! Clocks and sleeps.

use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::scenario::{ROUNDS, Scenario, in_threads, see};

pub(crate) const SCENARIOS: &[Scenario] = &[("clocks", clocks), ("sleep", sleep)];

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

fn sleep() {
    in_threads(|number| {
        for round in 0..ROUNDS {
            let begun = Instant::now();
            let time = Duration::from_micros(number * 100 + round);
            thread::sleep(time);
            assert!(begun.elapsed() >= time);
            see(number);
        }
    });
}
