//! 2C: what survives a crash.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use labrpc::{Decision, Leg};

use super::schedule::Ballot;
use super::{ELECTION, LIMIT, expect};
use crate::case::{Case, Run, Summary};
use crate::harness::{RaftCluster, Snapshots};
use crate::runner::{Class, Failure, fail};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "2C", name, title, limit: LIMIT, run }
}

pub(super) const CASES: &[Case] = &[
    case("persist1", "servers that restart remember what was committed", persist1),
    case("persist2", "a cluster survives that ever other servers are lost and restart", persist2),
    case("persist3", "a leader and a follower crash while the third is cut off", persist3),
    case(
        "vote_survives_restart",
        "a server that restarts remembers its vote",
        vote_survives_restart,
    ),
    case(
        "acknowledged_is_saved",
        "a follower that crashes right after it has acknowledged an entry has it",
        acknowledged_is_saved,
    ),
    case("unreliable_agree", "agreement is reached on an unreliable network", unreliable_agree),
    case("reliable_churn", "servers come and go while clients go on", reliable_churn),
    case("unreliable_churn", "the same on an unreliable network", unreliable_churn),
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
    // It has to catch up before another server is cut off.
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
/// 5.2, and votedFor in Figure 2). The watch over elections fails the test if both come to lead.
fn vote_survives_restart(run: &Run) -> Summary {
    for attempt in 0..10 {
        let run = Run { seed: run.seed.wrapping_add(attempt) };
        let cluster = RaftCluster::new(3, Snapshots::Off, &run);
        let decided = Ballot::hold(&cluster).is_some_and(|ballot| {
            let elected = ballot.elect_first();
            cluster.restart_connected(ballot.voter);
            elected && !ballot.elect_second() && ballot.second_still_stands()
        });
        let summary = cluster.finish();
        if decided {
            return summary;
        }
    }
    fail(Failure::new(
        Class::NoProgress,
        "of two candidates in one term, the first to reach the third server is elected".to_owned(),
        "in ten clusters nobody was elected by such a vote".to_owned(),
    ))
}

/// A follower acknowledges an entry that is committed by that, and crashes with the very message. The
/// entry must survive although the leader is lost and the third server has never had it: servers save
/// before they answer (Figure 2). The ledger of the cluster fails the test if another takes its index.
fn acknowledged_is_saved(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    let mut decided = 0;
    for _ in 0..20 {
        cluster.one_with_retry(&cluster.random_command(), 3);
        let leader = cluster.check_one_leader();
        let [follower, absent] = [1, 2].map(|step| (leader + step) % 3);
        cluster.disconnect(absent);

        // What the leader sends from here on has the new command with it.
        cluster.network().intercept(|message| match message.leg {
            Leg::Request => Decision::Drop,
            Leg::Reply => Decision::Deliver,
        });
        thread::sleep(Duration::from_millis(20));
        let Some(started) = cluster.start(leader, &cluster.random_command()) else {
            cluster.network().stop_intercepting();
            cluster.connect(absent);
            continue;
        };
        cluster.crash_after(follower, 1);
        cluster.network().stop_intercepting();
        let acknowledged = soon(|| cluster.has_crashed_in_action(follower));
        // A leader that first asks where the logs agree has another answer by now.
        let committed = acknowledged && soon(|| cluster.applied_by(started.index) > 0);
        cluster.disconnect(leader);
        cluster.restart_connected(follower);
        cluster.connect(absent);
        cluster.one_with_retry(&cluster.random_command(), 2);
        cluster.connect(leader);
        decided += u32::from(committed);
        if decided == 3 {
            break;
        }
    }
    expect(
        decided > 0,
        "of two servers the leader commits what the other has acknowledged".to_owned(),
        "in twenty rounds it did not, although the acknowledgement was delivered".to_owned(),
    );
    cluster.finish()
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

fn reliable_churn(run: &Run) -> Summary {
    churn(run, true)
}

fn unreliable_churn(run: &Run) -> Summary {
    churn(run, false)
}

fn churn(run: &Run, reliable: bool) -> Summary {
    let cluster = RaftCluster::new(5, Snapshots::Off, run);
    cluster.set_reliable(reliable);
    let stop = AtomicBool::new(false);
    let seen: Vec<String> = thread::scope(|scope| {
        let clients: Vec<_> = (0..3)
            .map(|client| {
                let (cluster, stop) = (&cluster, &stop);
                scope.spawn(move || churn_client(cluster, client, stop))
            })
            .collect();
        disturb(&cluster);
        thread::sleep(ELECTION);
        cluster.set_reliable(true);
        for server in 0..5 {
            if !cluster.is_running(server) {
                cluster.restart(server);
            }
            cluster.connect(server);
        }
        stop.store(true, Ordering::Relaxed);
        let join = |client: thread::ScopedJoinHandle<'_, Vec<String>>| {
            client.join().expect("a client reports failures by itself")
        };
        clients.into_iter().flat_map(join).collect()
    });
    thread::sleep(ELECTION);

    let last = cluster.one_with_retry(&cluster.random_command(), 5);
    let log: Vec<String> = (1..=last).filter_map(|index| cluster.wait(index, 5, None)).collect();
    for command in &seen {
        expect(
            log.contains(command),
            format!("{command}, which a client saw applied, is in the log for good"),
            format!("it is not among the {} commands up to index {last}", log.len()),
        );
    }
    cluster.finish()
}

/// Proposes commands to whoever accepts them. Returns those that it has seen applied.
fn churn_client(cluster: &RaftCluster, client: u64, stop: &AtomicBool) -> Vec<String> {
    let mut seen = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let command = cluster.random_command();
        let accepted = cluster.start_on_all(&command).last().map(|(_, started)| *started);
        let Some(started) = accepted else {
            thread::sleep(Duration::from_millis(79 + 17 * client));
            continue;
        };
        for pause in [10, 20, 50, 100, 200] {
            if let Some(found) = cluster.committed_command(started.index) {
                if found == command {
                    seen.push(command);
                }
                break;
            }
            thread::sleep(Duration::from_millis(pause));
        }
    }
    seen
}

/// Cuts off, restarts and crashes servers for 14 s.
fn disturb(cluster: &RaftCluster) {
    for _ in 0..20 {
        if cluster.draw(1_000) < 200 {
            cluster.disconnect(cluster.draw(5) as usize);
        }
        if cluster.draw(1_000) < 500 {
            let server = cluster.draw(5) as usize;
            if !cluster.is_running(server) {
                cluster.restart(server);
            }
            cluster.connect(server);
        }
        if cluster.draw(1_000) < 200 {
            cluster.crash_in_action(cluster.draw(5) as usize);
        }
        // Long enough for some agreements, too short for the cluster to settle.
        thread::sleep(ELECTION * 7 / 10);
    }
}
