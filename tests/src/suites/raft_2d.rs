//! 2D: snapshots.

use std::ops::Range;

use super::expect::expect;
use super::limits::{LIMIT, STATE_LIMIT};
use crate::case::{Case, Run, Summary};
use crate::harness::{RaftCluster, Snapshots};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "2D", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[
    case("snapshot_basic", "a snapshot of the service trims the log", snapshot_basic),
    case(
        "snapshot_install",
        "a server that was cut off catches up with a snapshot",
        snapshot_install,
    ),
    case(
        "snapshot_install_unreliable",
        "a server that was cut off catches up on an unreliable network",
        snapshot_install_unreliable,
    ),
    case(
        "snapshot_install_crash",
        "a server that crashed catches up with a snapshot",
        snapshot_install_crash,
    ),
    case(
        "snapshot_install_un_crash",
        "a server that crashed catches up on an unreliable network",
        snapshot_install_un_crash,
    ),
    case(
        "snapshot_all_crash",
        "servers continue from their snapshots after all of them have crashed",
        snapshot_all_crash,
    ),
];

/// How often the tests lose a server.
const ROUNDS: usize = 20;

/// What happens to a server in each round.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Loss {
    None,
    Disconnected,
    Crashed,
}

fn snapshot_basic(run: &Run) -> Summary {
    snapshots(RaftCluster::new(3, Snapshots::On, run), Loss::None)
}

fn snapshot_install(run: &Run) -> Summary {
    snapshots(RaftCluster::new(3, Snapshots::Slow, run), Loss::Disconnected)
}

fn snapshot_install_unreliable(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::On, run);
    cluster.set_reliable(false);
    snapshots(cluster, Loss::Disconnected)
}

fn snapshot_install_crash(run: &Run) -> Summary {
    snapshots(RaftCluster::new(3, Snapshots::On, run), Loss::Crashed)
}

fn snapshot_install_un_crash(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::Slow, run);
    cluster.set_reliable(false);
    snapshots(cluster, Loss::Crashed)
}

fn snapshots(cluster: RaftCluster, loss: Loss) -> Summary {
    cluster.one_with_retry(&cluster.random_command(), 3);
    let mut leader = cluster.check_one_leader();
    for round in 0..ROUNDS {
        // Every third victim is the leader.
        let victim = if round % 3 == 1 { leader } else { (leader + 1) % 3 };
        start_some(&cluster, 1..6);
        match loss {
            Loss::None => {}
            Loss::Disconnected => cluster.disconnect(victim),
            Loss::Crashed => cluster.crash_in_action(victim),
        }
        let others = if loss == Loss::None { 3 } else { 2 };
        cluster.one_with_retry(&cluster.random_command(), others);
        start_some(&cluster, 4..14);
        let index = cluster.one_with_retry(&cluster.random_command(), others);
        cluster.check_states_below(STATE_LIMIT, index);
        match loss {
            Loss::None => continue,
            Loss::Disconnected => cluster.connect(victim),
            Loss::Crashed => cluster.restart_connected(victim),
        }
        start_some(&cluster, 0..4);
        cluster.one_with_retry(&cluster.random_command(), 3);
        leader = cluster.check_one_leader();
    }
    cluster.finish()
}

/// Starts some commands back to back, each on the first connected server that accepts it.
fn start_some(cluster: &RaftCluster, count: Range<u64>) {
    for _ in 0..count.start + cluster.draw(count.end - count.start) {
        let command = cluster.random_command();
        (0..3)
            .filter(|server| cluster.is_connected(*server))
            .find_map(|server| cluster.start(server, &command));
    }
}

fn snapshot_all_crash(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::On, run);
    cluster.one_with_retry(&cluster.random_command(), 3);
    for _ in 0..5 {
        for _ in 0..5 + cluster.draw(10) {
            cluster.one_with_retry(&cluster.random_command(), 3);
        }
        let before = cluster.one_with_retry(&cluster.random_command(), 3);
        start_some(&cluster, 4..12);
        (0..3).for_each(|server| cluster.crash_in_action(server));
        (0..3).for_each(|server| cluster.restart_connected(server));
        let after = cluster.one_with_retry(&cluster.random_command(), 3);
        expect(
            after > before,
            format_args!("after a restart of all servers, the next index is above {before}"),
            format_args!("it is {after}"),
        );
    }
    cluster.finish()
}
