//! Clients that use a sharded store while a test changes it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::bounded;
use rand::Rng;

use super::worker::{Keys, Worker, expect_value};
use crate::harness::ShardCluster;
use crate::runner::{Class, Failure, fail};

/// How long a call may take once nothing changes any more.
const PATIENCE: Duration = Duration::from_secs(30);

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
        let mut workers: Vec<Worker> = (0..self.clients)
            .map(|number| Worker::new(number, cluster.client(), cluster.draw(u64::MAX)))
            .collect();
        workers.iter_mut().for_each(Worker::clear);
        let stop = AtomicBool::new(false);
        let (sender, done) = bounded(self.clients);
        let mut values = vec![String::new(); self.clients];
        thread::scope(|scope| {
            for mut worker in workers {
                let (stop, sender) = (&stop, sender.clone());
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        self.work(&mut worker);
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

    fn work(self, worker: &mut Worker) {
        worker.call(self.keys, self.clients);
        let rest = Duration::from_millis(2 * self.pause);
        thread::sleep(worker.rng.random_range(Duration::ZERO..rest));
    }
}
