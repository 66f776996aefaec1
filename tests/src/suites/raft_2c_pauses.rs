//! 2C, continued: threads and messages that are held up for seconds, as on machines that swap and on networks that
//! are overloaded.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use labrpc::Decision;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use sim::Naps;

use super::expect::expect;
use super::limits::{ELECTION, LIMIT};
use crate::case::{Case, Run, Summary};
use crate::harness::{RaftCluster, Snapshots};

pub(super) const CASES: &[Case] = &[Case {
    stage: "2C",
    name: "long_pauses",
    title: "logs stay consistent while threads and messages are held up for seconds",
    limit: LIMIT,
    run: long_pauses,
}];

/// How long threads and messages are held up.
const HELD_UP: Duration = Duration::from_secs(20);

/// In each server a thread pauses now and then, far shorter than a call may take.
const NAPS: Naps = Naps {
    until: HELD_UP,
    every: Duration::from_millis(200),
    longest: Duration::from_millis(1_000),
};

/// Of so many messages one is held up.
const HELD_ONE_IN: u32 = 4;

/// A message that is held up arrives once in so many rounds of [`ROUND`], on average after 1 s.
const RELEASED_ONE_IN: u64 = 20;
const ROUND: Duration = Duration::from_millis(50);

fn long_pauses(run: &Run) -> Summary {
    let cluster = RaftCluster::with_naps(5, Snapshots::Off, Some(NAPS), run);
    hold_messages(&cluster);
    let stop = AtomicBool::new(false);
    let seen: Vec<String> = thread::scope(|scope| {
        let clients: Vec<_> = (0..5)
            .map(|server| {
                let (cluster, stop) = (&cluster, &stop);
                scope.spawn(move || client_of(cluster, server, stop))
            })
            .collect();
        while cluster.elapsed() < HELD_UP {
            thread::sleep(ROUND);
            release_some(&cluster);
            if cluster.draw(20) == 0 {
                cut_off_or_connect(&cluster);
            }
        }
        (0..5).for_each(|server| cluster.connect(server));
        cluster.network().stop_intercepting();
        thread::sleep(NAPS.longest);
        release_all(&cluster);
        stop.store(true, Ordering::Relaxed);
        let join = |client: thread::ScopedJoinHandle<'_, Vec<String>>| {
            client.join().expect("a client reports failures itself")
        };
        clients.into_iter().flat_map(join).collect()
    });
    thread::sleep(ELECTION);
    let last = cluster.one_with_retry(&cluster.random_command(), 5);
    expect_all(&cluster, &seen, last);
    cluster.finish()
}

/// What clients have seen applied is in the log, on all servers.
fn expect_all(cluster: &RaftCluster, seen: &[String], last: u64) {
    let log: Vec<String> = (1..=last).filter_map(|index| cluster.wait(index, 5, None)).collect();
    for command in seen {
        expect(
            log.contains(command),
            format_args!("{command:?} stays in the log: a client saw it applied"),
            format_args!("it is not among the {} commands up to index {last}", log.len()),
        );
    }
}

/// Proposes commands to one server. Returns those that it has seen applied.
fn client_of(cluster: &RaftCluster, server: usize, stop: &AtomicBool) -> Vec<String> {
    let mut seen = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let command = cluster.random_command();
        let Some(started) = cluster.start(server, &command) else {
            thread::sleep(Duration::from_millis(50 + 7 * server as u64));
            continue;
        };
        for pause in [10, 20, 50, 100, 200, 400] {
            thread::sleep(Duration::from_millis(pause));
            if let Some(found) = cluster.committed_command(started.index) {
                if found == command {
                    seen.push(command);
                }
                break;
            }
        }
    }
    seen
}

/// From now on some messages are held.
fn hold_messages(cluster: &RaftCluster) {
    let mut rng = SmallRng::seed_from_u64(cluster.draw(u64::MAX));
    cluster.network().intercept(move |_| {
        if rng.random_ratio(1, HELD_ONE_IN) { Decision::Hold } else { Decision::Pass }
    });
}

fn release_some(cluster: &RaftCluster) {
    for message in cluster.network().held() {
        if cluster.draw(RELEASED_ONE_IN) == 0 {
            cluster.network().release(message.id);
        }
    }
}

fn release_all(cluster: &RaftCluster) {
    for message in cluster.network().held() {
        cluster.network().release(message.id);
    }
}

/// Changes whether a server is connected. At least three always are.
fn cut_off_or_connect(cluster: &RaftCluster) {
    let server = cluster.draw(5) as usize;
    let connected = (0..5).filter(|server| cluster.is_connected(*server)).count();
    if !cluster.is_connected(server) {
        cluster.connect(server);
    } else if connected > 3 {
        cluster.disconnect(server);
    }
}
