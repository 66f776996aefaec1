//! 2C: what survives a crash.

use std::thread;
use std::time::{Duration, Instant};

use labrpc::{Decision, Leg};

use super::limits::{ELECTION, LIMIT};
use super::raft_2c_churn::{reliable_churn, unreliable_churn};
use super::votes::decide_vote;
use crate::case::{Case, Run, Summary};
use crate::harness::{RaftCluster, Snapshots};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "2C", name, title, limit: LIMIT, run }
}

pub(super) const CASES: &[Case] = &[
    case("persist1", "servers that restart remember what was committed", persist1),
    case("persist2", "agreement continues while different servers are lost and restart", persist2),
    case(
        "persist3",
        "a leader and a follower can crash while the third server is cut off",
        persist3,
    ),
    case(
        "vote_survives_restart",
        "a server that restarts remembers its vote",
        vote_survives_restart,
    ),
    case(
        "acknowledged_is_saved",
        "a follower saves an entry before it acknowledges it",
        acknowledged_is_saved,
    ),
    case("unreliable_agree", "servers agree on an unreliable network", unreliable_agree),
    case(
        "reliable_churn",
        "what clients saw applied stays applied while servers fail and restart",
        reliable_churn,
    ),
    case(
        "unreliable_churn",
        "what clients saw applied stays applied on an unreliable network, too",
        unreliable_churn,
    ),
];

fn persist1(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    cluster.one_with_retry("11", 3);
    (0..3).for_each(|server| cluster.restart(server));
    for server in 0..3 {
        cluster.disconnect(server);
        cluster.connect(server);
    }
    cluster.one_with_retry("12", 3);

    let leader = cluster.check_one_leader();
    cluster.restart_connected(leader);
    cluster.one_with_retry("13", 3);

    let leader = cluster.check_one_leader();
    cluster.disconnect(leader);
    cluster.one_with_retry("14", 2);
    cluster.restart_connected(leader);
    // It must catch up before another server is cut off.
    cluster.wait(4, 3, None);

    let follower = (cluster.check_one_leader() + 1) % 3;
    cluster.disconnect(follower);
    cluster.one_with_retry("15", 2);
    cluster.restart_connected(follower);
    cluster.one_with_retry("16", 3);
    cluster.finish()
}

fn persist2(run: &Run) -> Summary {
    let cluster = RaftCluster::new(5, Snapshots::Off, run);
    let mut index = 1;
    for _ in 0..5 {
        cluster.one_with_retry(&(10 + index).to_string(), 5);
        index += 1;
        let leader = cluster.check_one_leader();
        let after = |step: usize| (leader + step) % 5;
        cluster.disconnect(after(1));
        cluster.disconnect(after(2));
        cluster.one_with_retry(&(10 + index).to_string(), 3);
        index += 1;

        for step in [0, 3, 4] {
            cluster.disconnect(after(step));
        }
        cluster.restart_connected(after(1));
        cluster.restart_connected(after(2));
        thread::sleep(ELECTION);
        cluster.restart_connected(after(3));
        cluster.one_with_retry(&(10 + index).to_string(), 3);
        index += 1;

        cluster.connect(after(4));
        cluster.connect(after(0));
    }
    cluster.one_with_retry("1000", 5);
    cluster.finish()
}

fn persist3(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    cluster.one_with_retry("101", 3);
    let leader = cluster.check_one_leader();
    cluster.disconnect((leader + 2) % 3);
    cluster.one_with_retry("102", 2);

    cluster.crash(leader);
    cluster.crash((leader + 1) % 3);
    cluster.connect((leader + 2) % 3);
    cluster.restart_connected(leader);
    cluster.one_with_retry("103", 2);

    cluster.restart_connected((leader + 1) % 3);
    cluster.one_with_retry("104", 3);
    cluster.finish()
}

/// A server votes, restarts, and is asked for its vote in the same term by another candidate (section
/// 5.2, and votedFor in Figure 2). The monitor fails the test if both candidates become leader.
fn vote_survives_restart(run: &Run) -> Summary {
    decide_vote(run, |cluster, ballot| {
        let elected = ballot.elect_first();
        cluster.restart_connected(ballot.voter);
        elected && !ballot.elect_second() && ballot.second_is_in_term()
    })
}

/// A follower acknowledges an entry, which commits it, and crashes right after it has sent that reply. The
/// entry must survive although the leader is lost and the third server never had it: servers save before
/// they answer (Figure 2). The ledger fails the test if another entry takes its index.
fn acknowledged_is_saved(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    let mut committed = 0;
    for _ in 0..20 {
        committed += u32::from(commit_and_crash(&cluster));
        if committed == 3 {
            break;
        }
    }
    cluster.finish()
}

/// Has a follower crash when it acknowledges an entry. Says whether that reply committed the entry. If the
/// leader asked first where the logs agree, the reply was no acknowledgement, and nothing is shown.
fn commit_and_crash(cluster: &RaftCluster) -> bool {
    cluster.one_with_retry(&cluster.random_command(), 3);
    let leader = cluster.check_one_leader();
    let [follower, absent] = [1, 2].map(|step| (leader + step) % 3);
    cluster.disconnect(absent);

    // No message without the new command arrives: the follower answers none of them.
    let command = cluster.random_command();
    let text = command.clone().into_bytes();
    cluster.network().intercept(move |message| match message.leg {
        Leg::Request if !contains(message.bytes, &text) => Decision::Drop,
        _ => Decision::Deliver,
    });
    thread::sleep(Duration::from_millis(20));
    cluster.crash_after(follower, 1);
    let started = cluster.start(leader, &command);
    let acknowledged = started.is_some() && soon(|| cluster.has_crashed_in_action(follower));
    let is_applied = || started.is_some_and(|started| cluster.applied_by(started.index) > 0);
    let committed = acknowledged && soon(is_applied);
    cluster.network().stop_intercepting();
    cluster.disconnect(leader);
    cluster.restart_connected(follower);
    cluster.connect(absent);
    cluster.one_with_retry(&cluster.random_command(), 2);
    cluster.connect(leader);
    committed
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Waits up to half a second.
fn soon(holds: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while !holds() {
        if begun.elapsed() > Duration::from_millis(500) {
            return false;
        }
        thread::sleep(Duration::from_millis(1));
    }
    true
}

fn unreliable_agree(run: &Run) -> Summary {
    let cluster = RaftCluster::new(5, Snapshots::Off, run);
    cluster.set_reliable(false);
    thread::scope(|scope| {
        for round in 1..50 {
            for aside in 0..4 {
                let cluster = &cluster;
                scope.spawn(move || {
                    cluster.one_with_retry(&(100 * round + aside).to_string(), 1);
                });
            }
            cluster.one_with_retry(&format!("round {round}"), 1);
        }
    });
    cluster.set_reliable(true);
    cluster.one_with_retry("100", 5);
    cluster.finish()
}
