//! Whatever the operating system draws at random: numbers, the order in hash maps, addresses.

use std::collections::HashMap;

use super::scenario::{ROUNDS, Scenario, in_threads, see, sleep_micros};

pub(crate) const SCENARIOS: &[Scenario] =
    &[("random_numbers", random_numbers), ("hash_order", hash_order), ("allocation", allocation)];

fn random_numbers() {
    in_threads(|_| {
        for _ in 0..3 {
            see(rand::random());
        }
        see(rand::Rng::random_range(&mut rand::rng(), 0..1_000));
    });
}

fn hash_order() {
    in_threads(|_| {
        let map: HashMap<u64, u64> = (0..50).map(|number| (number, number)).collect();
        for number in map.keys() {
            see(*number);
        }
    });
}

fn allocation() {
    in_threads(|number| {
        for round in 0..ROUNDS {
            let mut bytes: Vec<u8> = Vec::with_capacity((number * 37 + round) as usize);
            bytes.extend((0..round * 100).map(|byte| byte as u8));
            // The address itself is the same in each run.
            see(bytes.as_ptr().addr() as u64);
            sleep_micros(1);
            bytes.shrink_to_fit();
            see(bytes.as_ptr().addr() as u64);
        }
    });
}
