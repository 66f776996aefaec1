//! All programs of these tests, by name.

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

/// The program with this name.
pub(crate) fn find(name: &str) -> fn() {
    let stalls = STALLS.iter().map(|(name, program, _)| (*name, *program));
    let found = scenarios().chain(stalls).find(|(other, _)| *other == name);
    found.expect("only names of programs are passed on").1
}
