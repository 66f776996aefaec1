//! A client at work, and what it knows about its own key.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::value_checks::expect_value;
use crate::harness::Client;

/// Which keys clients use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// Each client uses its own key, and knows what the key must hold.
    Own,
    /// All clients use as many keys as there are clients, at random.
    Shared,
    /// All clients use the same key.
    One,
}

/// A client that makes one call after the other.
pub(super) struct Worker {
    pub(super) number: usize,
    pub(super) client: Client,
    pub(super) rng: SmallRng,
    /// Counts its writes, so that no value is written twice.
    writes: u64,
    /// What its own key holds, if no other client uses it.
    pub(super) value: String,
}

impl Worker {
    /// A worker with its own random numbers, from this seed.
    pub(super) fn new(number: usize, client: Client, seed: u64) -> Self {
        let rng = SmallRng::seed_from_u64(seed);
        Worker { number, client, rng, writes: 0, value: String::new() }
    }

    /// Its own key.
    pub(super) fn key(&self) -> String {
        self.number.to_string()
    }

    /// Empties its own key.
    pub(super) fn clear(&mut self) {
        self.client.put(&self.key(), "");
        self.value.clear();
    }

    /// Makes a call, on one of the keys of `clients` clients.
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
            expect_value(&self.key(), &self.value, &seen, &self.client);
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

    /// A value that no other call writes.
    fn next_value(&mut self) -> String {
        self.writes += 1;
        format!("x {} {} y", self.client.number(), self.writes)
    }
}
