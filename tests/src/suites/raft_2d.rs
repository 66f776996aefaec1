//! 2D: snapshots.

use super::expect::expect;
use super::limits::LIMIT;
use crate::case::{Case, Run, Summary};
use crate::harness::{RaftCluster, Snapshots};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "2D", name, title, limit: LIMIT, run }
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

/// How large Raft's state may be if snapshots trim the log in time, in bytes.
const STATE_LIMIT: usize = 2_000;

/// What happens to a server in each round.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Loss {
    None,
    Disconnected,
    Crashed,
}

fn snapshot_basic(run: &Run) -> Summary {
    snapshots(run, Loss::None, true)
}

fn snapshot_install(run: &Run) -> Summary {
    snapshots(run, Loss::Disconnected, true)
}

fn snapshot_install_unreliable(run: &Run) -> Summary {
    snapshots(run, Loss::Disconnected, false)
}

fn snapshot_install_crash(run: &Run) -> Summary {
    snapshots(run, Loss::Crashed, true)
}

fn snapshot_install_un_crash(run: &Run) -> Summary {
    snapshots(run, Loss::Crashed, false)
}

fn snapshots(run: &Run, loss: Loss, reliable: bool) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::On, run);
    cluster.set_reliable(reliable);
    cluster.one_with_retry(&cluster.random_command(), 3);
    let mut leader = cluster.check_one_leader();
    for round in 0..30 {
        // Every third victim is the leader.
        let victim = if round % 3 == 1 { leader } else { (leader + 1) % 3 };
        lose(&cluster, victim, loss);
        start_some(&cluster);

        let servers = if loss == Loss::None { 3 } else { 2 };
        cluster.one_with_retry(&cluster.random_command(), servers);
        let size = cluster.largest_state();
        expect(
            size < STATE_LIMIT,
            format_args!(
                "every server's Raft state is below {STATE_LIMIT} bytes: snapshots trim the log"
            ),
            format_args!("the largest has {size} bytes in round {round}"),
        );
        match loss {
            Loss::None => continue,
            Loss::Disconnected => cluster.connect(victim),
            Loss::Crashed => cluster.restart_connected(victim),
        }
        cluster.one_with_retry(&cluster.random_command(), 3);
        leader = cluster.check_one_leader();
    }
    cluster.finish()
}

fn lose(cluster: &RaftCluster, victim: usize, loss: Loss) {
    match loss {
        Loss::None => return,
        Loss::Disconnected => cluster.disconnect(victim),
        Loss::Crashed => cluster.crash_in_action(victim),
    }
    cluster.one_with_retry(&cluster.random_command(), 2);
}

/// Starts 5 to 14 commands back to back, each on the first connected server that accepts it.
fn start_some(cluster: &RaftCluster) {
    for _ in 0..5 + cluster.draw(10) {
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
