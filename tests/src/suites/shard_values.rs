//! Keys of a sharded store, and what a test has written to them.

use std::collections::BTreeMap;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::value_checks::expect_value;
use crate::harness::{Client, ShardCluster};

/// As many keys as there are shards, one in each.
pub(super) const TEN: usize = 10;

/// Keys, and what they must hold.
#[derive(Clone)]
pub(super) struct Values {
    rng: SmallRng,
    pub(super) values: BTreeMap<String, String>,
}

impl Values {
    /// Puts a value of this length into each of so many keys.
    pub(super) fn put(
        cluster: &ShardCluster,
        client: &mut Client,
        keys: usize,
        length: usize,
    ) -> Self {
        let rng = SmallRng::seed_from_u64(cluster.draw(u64::MAX));
        let mut values = Values { rng, values: BTreeMap::new() };
        for key in 0..keys {
            let value = values.text(length);
            client.put(&key.to_string(), &value);
            values.values.insert(key.to_string(), value);
        }
        values
    }

    /// A random value. It ends with a letter that occurs nowhere else in it.
    fn text(&mut self, length: usize) -> String {
        let mut text: String = (1..length).map(|_| self.rng.random_range('a'..'y')).collect();
        text.push('z');
        text
    }

    /// Checks every key.
    pub(super) fn check(&self, client: &mut Client) {
        for (key, value) in &self.values {
            expect_value(key, value, &client.get(key), client);
        }
    }

    /// Checks every key, and appends a value of this length to it.
    pub(super) fn check_and_append(&mut self, client: &mut Client, length: usize) {
        let keys: Vec<String> = self.values.keys().cloned().collect();
        for key in keys {
            expect_value(&key, &self.values[&key], &client.get(&key), client);
            let suffix = self.text(length);
            client.append(&key, &suffix);
            self.values.entry(key).or_default().push_str(&suffix);
        }
    }
}
