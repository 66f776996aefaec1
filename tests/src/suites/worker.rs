//! A client at work, and what it knows of its own key.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::expect;
use crate::harness::{Client, show_command};

/// Which keys clients use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// Each its own: then it knows what it must find there.
    Own,
    /// All of them as many as there are clients, at random.
    Shared,
    /// All of them the same one.
    One,
}

/// A client that makes one call after the other.
pub(super) struct Worker {
    pub(super) number: usize,
    pub(super) client: Client,
    pub(super) rng: SmallRng,
    /// Counts its writes: no value is written twice.
    writes: u64,
    /// What its own key holds, if nobody else uses it.
    pub(super) value: String,
}

impl Worker {
    pub(super) fn new(number: usize, client: Client, seed: u64) -> Self {
        let rng = SmallRng::seed_from_u64(seed);
        Worker { number, client, rng, writes: 0, value: String::new() }
    }

    /// The key that is its own.
    pub(super) fn key(&self) -> String {
        self.number.to_string()
    }

    /// Makes its own key hold nothing.
    pub(super) fn clear(&mut self) {
        self.client.put(&self.key(), "");
        self.value.clear();
    }

    /// Makes a call, of `clients` that there are.
    pub(super) fn call(&mut self, keys: Keys, clients: usize) {
        match keys {
            Keys::Own => self.use_own(),
            Keys::Shared => {
                let key = self.rng.random_range(0..clients).to_string();
                self.use_shared(&key);
            }
            Keys::One => self.use_shared("0"),
        }
    }

    fn use_own(&mut self) {
        if self.rng.random() {
            let value = self.next_value();
            self.client.append(&self.key(), &value);
            self.value.push_str(&value);
        } else {
            let seen = self.client.get(&self.key());
            expect_value(&self.key(), &self.value, &seen);
        }
    }

    fn use_shared(&mut self, key: &str) {
        match self.rng.random_range(0..100) {
            0..50 => {
                let value = self.next_value();
                self.client.append(key, &value);
            }
            50..55 => {
                let value = self.next_value();
                self.client.put(key, &value);
            }
            _ => {
                self.client.get(key);
            }
        }
    }

    /// A value that nobody else writes.
    fn next_value(&mut self) -> String {
        self.writes += 1;
        format!("x {} {} y", self.client.number(), self.writes)
    }
}

/// Fails the test unless a key holds what was appended to it, each once and in order.
pub(super) fn expect_value(key: &str, expected: &str, seen: &str) {
    let equal =
        expected.bytes().zip(seen.bytes()).take_while(|(left, right)| left == right).count();
    // Whole values from where the two part.
    let from = expected[..equal].rfind('y').map_or(0, |at| at + 1);
    let rest = |text: &str| show_command(text.get(from..).unwrap_or_default().as_bytes());
    expect(
        expected == seen,
        format!(
            "key {key:?} holds all that was appended to it, once and in order: after {from} bytes {}",
            rest(expected)
        ),
        format!("after {from} bytes it holds {}", rest(seen)),
    );
}
