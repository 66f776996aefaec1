//! The load that most tests of the key/value service put on it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, bounded};
use rand::Rng;

use super::limits::ELECTION;
use super::value_checks::expect_value;
use super::worker::{Keys, Worker};
use crate::case::{Run, Summary};
use crate::harness::KvCluster;
use crate::runner::{Class, Failure, fail};

/// The clients of a service, and what happens to it while they use it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    pub(super) servers: usize,
    pub(super) clients: usize,
    pub(super) keys: Keys,
    pub(super) unreliable: bool,
    /// Whether the servers are split again and again.
    pub(super) partitions: bool,
    /// Whether all servers restart after each round.
    pub(super) restarts: bool,
    /// When a snapshot is due, in bytes of Raft's state.
    pub(super) max_raft_state: Option<usize>,
}

impl Load {
    /// One client on five servers; nothing fails.
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
    pub(super) const CALM_WITH_SNAPSHOTS: Load = Load { max_raft_state: Some(1_000), ..Load::CALM };
}

const ROUNDS: usize = 2;

/// How long clients make calls in a round.
const ROUND: Duration = Duration::from_secs(2);

/// How long the servers are split again and again in a round, if they are.
const SPLITS: Duration = Duration::from_secs(5);

/// How long all servers are down before they restart.
const ALL_DOWN: Duration = Duration::from_millis(500);

/// How long a call may take once all servers are up and connected again.
const CALL_LIMIT: Duration = Duration::from_secs(30);

/// How long a client rests after a call, on average, for each client that there is. It rests less often than
/// that, and longer each time, so that calls come in bursts. Mistakes show in what happens between calls,
/// not in their number.
const REST: Duration = Duration::from_millis(20);

/// A client rests once in this many calls.
const CALLS_TO_REST: u32 = 4;

/// Runs some rounds of a load.
pub(super) fn run(run: &Run, load: Load) -> Summary {
    let cluster = KvCluster::new(load.servers, load.max_raft_state, run);
    cluster.set_reliable(!load.unreliable);
    let mut reader = cluster.client();
    let mut workers: Vec<Worker> = (0..load.clients)
        .map(|number| Worker::new(number, cluster.client(), cluster.draw(u64::MAX)))
        .collect();
    for _ in 0..ROUNDS {
        // Servers must tell a new clerk from the old one.
        workers.iter_mut().for_each(|worker| worker.client = cluster.client());
        workers = round(&cluster, load, workers);
        for worker in &workers {
            let seen = reader.get(&worker.key());
            if load.keys == Keys::Own {
                expect_value(&worker.key(), &worker.value, &seen, &reader);
            }
        }
        cluster.check_sizes();
    }
    cluster.finish()
}

/// Has the workers make calls for a while, and something happen meanwhile.
fn round(cluster: &KvCluster, load: Load, workers: Vec<Worker>) -> Vec<Worker> {
    let stop = AtomicBool::new(false);
    let (sender, done) = bounded(workers.len());
    thread::scope(|scope| {
        for mut worker in workers {
            let (stop, sender) = (&stop, sender.clone());
            scope.spawn(move || {
                work(&mut worker, load, stop);
                sender.send(worker).expect("the test waits for it");
            });
        }
        disturb(cluster, load, &stop);
        let mut ended: Vec<Worker> = Vec::new();
        while ended.len() < load.clients {
            match done.recv_timeout(CALL_LIMIT) {
                Ok(worker) => ended.push(worker),
                Err(RecvTimeoutError::Timeout) => fail_no_answer(cluster),
                Err(RecvTimeoutError::Disconnected) => unreachable!("this function has a sender"),
            }
        }
        ended.sort_by_key(|worker| worker.number);
        ended
    })
}

/// Splits and restarts servers as the load says, and stops the workers. All servers are connected then.
fn disturb(cluster: &KvCluster, load: Load, stop: &AtomicBool) {
    if load.partitions {
        split_until(cluster, SPLITS);
        cluster.heal();
        // The servers may need an election.
        thread::sleep(ELECTION);
    } else {
        thread::sleep(ROUND);
    }
    if load.restarts {
        // Clients are in the middle of calls, whose answers they must get from the next lives.
        (0..load.servers).for_each(|server| cluster.crash_in_action(server));
        thread::sleep(ALL_DOWN);
        stop.store(true, Ordering::Relaxed);
        (0..load.servers).for_each(|server| cluster.restart_connected(server));
    }
    stop.store(true, Ordering::Relaxed);
}

/// Makes calls until it is told to stop.
fn work(worker: &mut Worker, load: Load, stop: &AtomicBool) {
    if load.keys == Keys::Own {
        worker.clear();
    }
    while !stop.load(Ordering::Relaxed) {
        worker.call(load.keys, load.clients);
        if worker.rng.random_ratio(1, CALLS_TO_REST) {
            let most = 2 * CALLS_TO_REST * load.clients as u32 * REST;
            thread::sleep(worker.rng.random_range(Duration::ZERO..most));
        }
    }
}

/// Splits the servers at random about once a second, for a while.
fn split_until(cluster: &KvCluster, time: Duration) {
    let begun = cluster.elapsed();
    while cluster.elapsed() < begun + time {
        let (left, right): (Vec<usize>, Vec<usize>) =
            (0..cluster.size()).partition(|_| cluster.by_chance(1, 2));
        cluster.partition(&[&left, &right]);
        thread::sleep(Duration::from_millis(1_000 + cluster.draw(200)));
    }
}

fn fail_no_answer(cluster: &KvCluster) -> ! {
    fail(Failure::new(
        Class::NoProgress,
        format!(
            "every call returns within {} s while all servers are connected",
            CALL_LIMIT.as_secs()
        ),
        cluster.open_calls(),
    ))
}
