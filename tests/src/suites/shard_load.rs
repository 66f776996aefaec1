//! Clients that use a sharded store while its groups change.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::bounded;
use rand::Rng;

use super::value_checks::expect_value;
use super::worker::{Keys, Worker};
use crate::harness::ShardCluster;
use crate::runner::{Class, Failure, fail};

/// How long a call may take after the last change.
const CALL_LIMIT: Duration = Duration::from_secs(30);

/// The clients of a store, and what they do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    pub(super) clients: usize,
    pub(super) keys: Keys,
    /// How long a client rests after a call, in milliseconds, on average.
    pub(super) pause: u64,
}

/// Sleeps for this many milliseconds.
pub(super) fn sleep(milliseconds: u64) {
    thread::sleep(Duration::from_millis(milliseconds));
}

impl Load {
    /// Has group 0 join, lets clients make calls until `meanwhile` is done, and checks what their keys hold.
    pub(super) fn run_while(self, cluster: &ShardCluster, meanwhile: impl FnOnce()) {
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
            meanwhile();
            stop.store(true, Ordering::Relaxed);
            for _ in 0..self.clients {
                let Ok((number, value)) = done.recv_timeout(CALL_LIMIT) else {
                    fail_no_answer(cluster);
                };
                values[number] = value;
            }
        });
        for (number, value) in values.iter().enumerate() {
            let seen = reader.get(&number.to_string());
            if self.keys == Keys::Own {
                expect_value(&number.to_string(), value, &seen, &reader);
            }
        }
    }

    fn work(self, worker: &mut Worker) {
        worker.call(self.keys, self.clients);
        let rest = Duration::from_millis(2 * self.pause);
        thread::sleep(worker.rng.random_range(Duration::ZERO..rest));
    }
}

fn fail_no_answer(cluster: &ShardCluster) -> ! {
    fail(Failure::new(
        Class::NoProgress,
        format!("every call returns within {} s after the last change", CALL_LIMIT.as_secs()),
        cluster.open_calls(),
    ))
}
