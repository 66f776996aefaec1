//! All programs of these tests, by name.

use std::thread;
use std::time::{Duration, Instant};

use crate::scenarios::scenario::Scenario;
use crate::scenarios::{crossbeam, parking_lot, randomness, std_sync, threads, time};
use crate::stalls::STALLS;

const SCENARIOS: [&[Scenario]; 6] = [
    std_sync::SCENARIOS,
    threads::SCENARIOS,
    time::SCENARIOS,
    parking_lot::SCENARIOS,
    crossbeam::SCENARIOS,
    randomness::SCENARIOS,
];

/// The programs that must replay.
pub(crate) fn scenarios() -> impl Iterator<Item = Scenario> {
    SCENARIOS.into_iter().flatten().copied()
}

/// The name of the program that waits for news.
pub(crate) const NEWS: &str = "news";

fn wait_for_news() {
    let sleeper = thread::spawn(|| thread::sleep(Duration::from_millis(2_500)));
    let begun = Instant::now();
    for second in 1..=3 {
        sim::await_news();
        assert!(begun.elapsed() >= Duration::from_secs(second));
        assert!(begun.elapsed() < Duration::from_millis(second * 1_000 + 600));
    }
    sleeper.join().expect("it does not panic");
}

/// The program with this name.
pub(crate) fn find(name: &str) -> fn() {
    let stalls = STALLS.iter().map(|(name, program, _)| (*name, *program));
    let found = scenarios()
        .chain(stalls)
        .chain([(NEWS, wait_for_news as fn())])
        .find(|(other, _)| *other == name);
    found.expect("only names of programs are passed on").1
}
