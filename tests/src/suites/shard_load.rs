//! Clients that use a sharded store while a test changes it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::bounded;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::kv_load::expect_value;
use crate::cluster::{Client, ShardCluster};
use crate::runner::{Class, Failure, fail};

/// How long a call may take once nothing changes any more.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which keys clients use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// Each appends to its own.
    Own,
    /// All do everything with all of them.
    Shared,
}

/// What clients do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    pub(super) clients: usize,
    pub(super) keys: Keys,
    /// How long a client rests after a call, in milliseconds, on average.
    pub(super) pause: u64,
}

pub(super) fn sleep(milliseconds: u64) {
    thread::sleep(Duration::from_millis(milliseconds));
}

impl Load {
    /// Has group 0 join and a value put into each key, lets clients work while something happens, and checks
    /// what their keys hold at the end.
    pub(super) fn run_while(self, cluster: &ShardCluster, happen: impl FnOnce()) {
        let mut reader = cluster.client();
        cluster.join(&[0]);
        let mut workers: Vec<Worker> =
            (0..self.clients).map(|number| Worker::new(cluster, number)).collect();
        for worker in &mut workers {
            reader.put(&worker.key(), &worker.value);
        }
        let stop = AtomicBool::new(false);
        let (sender, done) = bounded(self.clients);
        let mut values = vec![String::new(); self.clients];
        thread::scope(|scope| {
            for mut worker in workers {
                let (stop, sender) = (&stop, sender.clone());
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        worker.work(self);
                    }
                    sender.send((worker.number, worker.value)).expect("the test waits for it");
                });
            }
            happen();
            stop.store(true, Ordering::Relaxed);
            for _ in 0..self.clients {
                let Ok((number, value)) = done.recv_timeout(PATIENCE) else {
                    fail(Failure::new(
                        Class::NoProgress,
                        "every call returns within 30 s after the last change".to_owned(),
                        "some have not".to_owned(),
                    ));
                };
                values[number] = value;
            }
        });
        for (number, value) in values.iter().enumerate() {
            let seen = reader.get(&number.to_string());
            if self.keys == Keys::Own {
                expect_value(&number.to_string(), value, &seen);
            }
        }
    }
}

struct Worker {
    number: usize,
    client: Client,
    rng: SmallRng,
    /// Counts its writes: no value is written twice.
    writes: u64,
    /// What its own key holds, if nobody else uses it.
    value: String,
}

impl Worker {
    fn new(cluster: &ShardCluster, number: usize) -> Self {
        let rng = SmallRng::seed_from_u64(cluster.draw(u64::MAX));
        let value = format!("{number} 0 y");
        Worker { number, client: cluster.client(), rng, writes: 0, value }
    }

    fn key(&self) -> String {
        self.number.to_string()
    }

    fn work(&mut self, load: Load) {
        match load.keys {
            Keys::Own => {
                let value = self.next_value();
                self.client.append(&self.key(), &value);
                self.value.push_str(&value);
            }
            Keys::Shared => {
                let key = self.rng.random_range(0..load.clients).to_string();
                self.use_shared(&key);
            }
        }
        let rest = Duration::from_millis(2 * load.pause);
        thread::sleep(self.rng.random_range(Duration::ZERO..rest));
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
        format!("{} {} y", self.number, self.writes)
    }
}
