//! The load that most tests of the key/value service put on it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::expect;
use crate::case::{Run, Summary};
use crate::cluster::{Client, KvCluster, show_command};
use crate::runner::{Class, Failure, fail};

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

/// What a test does to a service while clients use it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    pub(super) servers: usize,
    pub(super) clients: usize,
    pub(super) keys: Keys,
    pub(super) unreliable: bool,
    /// Whether the servers are split time and again.
    pub(super) partitions: bool,
    /// Whether all servers restart after each round.
    pub(super) restarts: bool,
    pub(super) max_raft_state: Option<usize>,
}

impl Load {
    /// One client on five servers, and nothing goes wrong.
    pub(super) const CALM: Load = Load {
        servers: 5,
        clients: 1,
        keys: Keys::Own,
        unreliable: false,
        partitions: false,
        restarts: false,
        max_raft_state: None,
    };

    /// The same, with snapshots.
    pub(super) const CUT: Load = Load { max_raft_state: Some(1_000), ..Load::CALM };
}

const ROUNDS: usize = 3;

/// How long clients make calls in a round.
const ROUND: Duration = Duration::from_secs(5);

/// How long a call may take once all servers are up and connected again.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a client rests for each client that there is, on average after each call. It rests seldom,
/// and longer: calls come in bursts.
const REST: Duration = Duration::from_millis(5);

/// One rest in so many calls.
const CALLS_TO_REST: u32 = 4;

/// What a client has done, and what it left in its own key.
struct Worker {
    client: Client,
    rng: SmallRng,
    /// Counts its writes: no value is written twice.
    writes: u64,
    value: String,
}

/// Runs three rounds of a load.
pub(super) fn run(run: &Run, load: Load) -> Summary {
    let cluster = KvCluster::new(load.servers, load.max_raft_state, run);
    cluster.set_reliable(!load.unreliable);
    let mut reader = cluster.client();
    let mut workers: Vec<Worker> = (0..load.clients).map(|_| Worker::new(&cluster)).collect();
    for _ in 0..ROUNDS {
        // A clerk that begins anew must not be taken for the one before it.
        workers.iter_mut().for_each(|worker| worker.client = cluster.client());
        workers = round(&cluster, load, workers);
        for (number, worker) in workers.iter().enumerate() {
            let seen = reader.get(&number.to_string());
            if load.keys == Keys::Own {
                expect_value(&number.to_string(), &worker.value, &seen);
            }
        }
        cluster.check_sizes();
    }
    cluster.finish()
}

fn round(cluster: &KvCluster, load: Load, workers: Vec<Worker>) -> Vec<Worker> {
    let stop = AtomicBool::new(false);
    let (sender, done) = bounded(workers.len());
    thread::scope(|scope| {
        for (number, mut worker) in workers.into_iter().enumerate() {
            let (stop, sender): (_, Sender<(usize, Worker)>) = (&stop, sender.clone());
            scope.spawn(move || {
                worker.work(number, load, stop);
                sender.send((number, worker)).expect("the test waits for it");
            });
        }
        if load.partitions {
            thread::sleep(Duration::from_secs(1));
            split_until(cluster, ROUND);
            stop.store(true, Ordering::Relaxed);
            cluster.heal();
            // An election may be under way.
            thread::sleep(Duration::from_secs(1));
        } else {
            thread::sleep(ROUND);
            stop.store(true, Ordering::Relaxed);
        }
        if load.restarts {
            // Clients may be in the middle of their last call.
            (0..load.servers).for_each(|server| cluster.crash_in_action(server));
            thread::sleep(Duration::from_secs(1));
            (0..load.servers).for_each(|server| cluster.restart_connected(server));
        }
        let mut ended: Vec<(usize, Worker)> = Vec::new();
        while ended.len() < load.clients {
            match done.recv_timeout(PATIENCE) {
                Ok(worker) => ended.push(worker),
                Err(RecvTimeoutError::Timeout) => fail_stuck(load.clients, &ended),
                Err(RecvTimeoutError::Disconnected) => unreachable!("a sender is here"),
            }
        }
        ended.sort_by_key(|(number, _)| *number);
        ended.into_iter().map(|(_, worker)| worker).collect()
    })
}

/// Splits the servers at random about once a second, for a while.
fn split_until(cluster: &KvCluster, time: Duration) {
    let begun = cluster.elapsed();
    while cluster.elapsed() < begun + time {
        let (left, right): (Vec<usize>, Vec<usize>) =
            (0..cluster.size()).partition(|_| cluster.draw(2) == 0);
        cluster.partition(&[&left, &right]);
        thread::sleep(Duration::from_millis(1_000 + cluster.draw(200)));
    }
}

fn fail_stuck(clients: usize, ended: &[(usize, Worker)]) -> ! {
    let stuck: Vec<usize> =
        (0..clients).filter(|number| ended.iter().all(|(other, _)| other != number)).collect();
    fail(Failure::new(
        Class::NoProgress,
        format!(
            "every call returns within {} s while all servers are connected",
            PATIENCE.as_secs()
        ),
        format!("the last calls of the clients {stuck:?} have not returned"),
    ))
}

impl Worker {
    fn new(cluster: &KvCluster) -> Self {
        Worker {
            client: cluster.client(),
            rng: SmallRng::seed_from_u64(cluster.draw(u64::MAX)),
            writes: 0,
            value: String::new(),
        }
    }

    /// Makes calls until it is told to stop.
    fn work(&mut self, number: usize, load: Load, stop: &AtomicBool) {
        if load.keys == Keys::Own {
            self.client.put(&number.to_string(), "");
            self.value.clear();
        }
        while !stop.load(Ordering::Relaxed) {
            match load.keys {
                Keys::Own => self.use_own(&number.to_string()),
                Keys::Shared => {
                    let key = self.rng.random_range(0..load.clients).to_string();
                    self.use_shared(&key);
                }
                Keys::One => self.use_shared("0"),
            }
            if self.rng.random_ratio(1, CALLS_TO_REST) {
                let most = 2 * CALLS_TO_REST * load.clients as u32 * REST;
                thread::sleep(self.rng.random_range(Duration::ZERO..most));
            }
        }
    }

    fn use_own(&mut self, key: &str) {
        if self.rng.random() {
            let value = self.next_value();
            self.client.append(key, &value);
            self.value.push_str(&value);
        } else {
            let seen = self.client.get(key);
            expect_value(key, &self.value, &seen);
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
