//! 2D, continued: what a crash leaves of a log and its snapshot.

use std::thread;
use std::time::{Duration, Instant};

use super::limits::LIMIT;
use crate::case::{Case, Run, Summary};
use crate::harness::{RaftCluster, Snapshots};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "2D", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[
    case(
        "snapshot_init",
        "a server that saves again after a restart keeps its snapshot",
        snapshot_init,
    ),
    case(
        "crash_at_snapshot",
        "a crash leaves a snapshot and the log after it, or the log as it was",
        crash_at_snapshot,
    ),
];

/// How long commands are started for a server that is to crash at its next snapshot.
const SNAPSHOT_LIMIT: Duration = Duration::from_secs(2);

/// All servers restart, save something new, and restart again.
fn snapshot_init(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::On, run);
    let agree = |times| {
        (0..times).for_each(|_| {
            cluster.one_with_retry(&cluster.random_command(), 3);
        });
    };
    agree(12);
    for times in [1, 2, 1, 9, 1] {
        (0..3).for_each(|server| cluster.crash(server));
        (0..3).for_each(|server| cluster.restart_connected(server));
        agree(times);
    }
    cluster.finish()
}

/// Servers crash right before or after the save that cuts their log: because their service has made a snapshot,
/// or because they get one from the leader.
fn crash_at_snapshot(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::On, run);
    cluster.one_with_retry(&cluster.random_command(), 3);
    for round in 0..12 {
        let server = round % 3;
        if round % 2 == 1 {
            cluster.disconnect(server);
            (0..12).for_each(|_| {
                cluster.one_with_retry(&cluster.random_command(), 2);
            });
        }
        cluster.crash_at_cut(server);
        cluster.connect(server);
        start_until_crash(&cluster, server);
        cluster.crash(server);
        cluster.one_with_retry(&cluster.random_command(), 2);
        cluster.restart_connected(server);
        cluster.one_with_retry(&cluster.random_command(), 3);
    }
    cluster.finish()
}

/// Starts one command after the other until a server has crashed.
fn start_until_crash(cluster: &RaftCluster, server: usize) {
    let begun = Instant::now();
    while !cluster.has_crashed_in_action(server) && begun.elapsed() < SNAPSHOT_LIMIT {
        let command = cluster.random_command();
        (0..3).find_map(|server| cluster.start(server, &command));
        thread::sleep(Duration::from_millis(cluster.draw(6)));
    }
}
