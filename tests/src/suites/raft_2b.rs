//! 2B: the log.

use std::thread;
use std::time::Duration;

use super::expect::expect;
use super::limits::{ELECTION, LIMIT};
use super::log_checks::{expect_accepted, expect_index, fail_no_stable_leader};
use super::raft_2b_absence::long_absence;
use super::raft_2b_applying::{busy_leader, slow_service};
use super::raft_2b_conflicts::{elected_again, first_entries, old_tail};
use super::raft_2b_costs::{backup, count, rpc_bytes};
use super::raft_2b_elections::{older_log, refused_candidate, shorter_log, stale_requests};
use super::raft_2b_majorities::half;
use super::raft_2b_messages::{doubled_requests, late_acknowledgement, late_append, lost_replies};
use super::raft_2b_prompt::{held_call, prompt_entries};
use super::script::{Cast, play};
use crate::case::{Case, Run, Summary};
use crate::harness::{RaftCluster, Snapshots};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "2B", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[
    case(
        "basic_agree",
        "commands are committed in the order in which they were started",
        basic_agree,
    ),
    case("rpc_bytes", "each command is sent to each follower only once", rpc_bytes),
    case(
        "follower_failure",
        "a majority commits when followers fail, and a leader alone does not",
        follower_failure,
    ),
    case(
        "leader_failure",
        "a majority commits when leaders fail, and a server alone does not",
        leader_failure,
    ),
    case("fail_agree", "a majority commits without a follower, which later catches up", fail_agree),
    case("fail_no_agree", "nothing is committed without a majority", fail_no_agree),
    case(
        "concurrent_starts",
        "commands that are started at the same time are all committed",
        concurrent_starts,
    ),
    case("rejoin", "a leader that was cut off gives up its uncommitted entries", rejoin),
    case("backup", "a follower's log that differs in many entries is repaired quickly", backup),
    case("count", "elections, agreement and idle servers take few RPCs", count),
    case("prompt_entries", "a command goes out at once, not with a heartbeat", prompt_entries),
    case("slow_service", "a slow service gets each index once, in order", slow_service),
    case(
        "busy_leader",
        "a leader takes commands while earlier ones are committed and applied",
        busy_leader,
    ),
    case("held_call", "a call without an answer does not hold up others", held_call),
    case("first_entries", "logs that differ from the first entry on are repaired", first_entries),
    case("late_append", "a late AppendEntries removes nothing", late_append),
    case(
        "late_acknowledgement",
        "a late acknowledgement counts for what was sent",
        late_acknowledgement,
    ),
    case("elected_again", "a leader that is elected again counts anew", elected_again),
    case("doubled_requests", "requests that arrive twice change nothing", doubled_requests),
    case("lost_replies", "a leader sends again what was not acknowledged", lost_replies),
    case("long_absence", "a follower that was away for long catches up", long_absence),
    case("old_tail", "a follower neither commits nor keeps a tail that its leader lacks", old_tail),
    case("shorter_log", "a server with a shorter log is not elected", shorter_log),
    case("older_log", "a server whose last entry is older is not elected", older_log),
    case(
        "refused_candidate",
        "a candidate that is refused for its log leaves the vote to another one",
        refused_candidate,
    ),
    case("stale_requests", "candidates with old logs do not put off an election", stale_requests),
];

fn basic_agree(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    for index in 1..=3 {
        cluster.check_not_committed(index, "it has not been started yet");
        let at = cluster.one(&(index * 100).to_string(), 3);
        expect_index(&cluster, at, index);
    }
    // A command may be empty, and has an index like any other.
    cluster.one("", 3);
    cluster.one("500", 3);
    cluster.finish()
}

fn follower_failure(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    cluster.one("101", 3);
    let leader = cluster.check_one_leader();
    cluster.disconnect((leader + 1) % 3);
    cluster.one("102", 2);
    thread::sleep(ELECTION);
    cluster.one("103", 2);

    let leader = cluster.check_one_leader();
    cluster.disconnect((leader + 1) % 3);
    cluster.disconnect((leader + 2) % 3);
    let started = cluster.start(leader, "104");
    expect_accepted(&cluster, started, leader, (4, 4));
    thread::sleep(2 * ELECTION);
    cluster.check_not_committed(4, "both followers are cut off from the leader");
    cluster.finish()
}

fn leader_failure(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    cluster.one("101", 3);
    let first = cluster.check_one_leader();
    cluster.disconnect(first);
    cluster.one("102", 2);
    thread::sleep(ELECTION);
    cluster.one("103", 2);

    let second = cluster.check_one_leader();
    cluster.disconnect(second);
    for server in 0..3 {
        cluster.start(server, "104");
    }
    thread::sleep(2 * ELECTION);
    cluster.check_not_committed(
        4,
        "the leader is cut off, and the other connected server is not a majority",
    );
    cluster.finish()
}

fn fail_agree(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    cluster.one("101", 3);
    let leader = cluster.check_one_leader();
    cluster.disconnect((leader + 1) % 3);
    cluster.one("102", 2);
    cluster.one("103", 2);
    thread::sleep(ELECTION);
    cluster.one("104", 2);
    cluster.one("105", 2);

    cluster.connect((leader + 1) % 3);
    cluster.one_with_retry("106", 3);
    thread::sleep(ELECTION);
    cluster.one_with_retry("107", 3);
    cluster.finish()
}

fn fail_no_agree(run: &Run) -> Summary {
    play(run, Cast::of(4), half);
    let cluster = RaftCluster::new(5, Snapshots::Off, run);
    cluster.one("110", 5);
    let leader = cluster.check_one_leader();
    let lost = [1, 2, 3].map(|step| (leader + step) % 5);
    for server in lost {
        cluster.disconnect(server);
    }
    let started = cluster.start(leader, "120");
    expect_accepted(&cluster, started, leader, (2, 2));
    thread::sleep(2 * ELECTION);
    cluster.check_not_committed(2, "the leader that accepted it reaches one follower of four");

    for server in lost {
        cluster.connect(server);
    }
    // The three may have elected a new leader, which does not have the command at index 2.
    let leader = cluster.check_one_leader();
    let started = cluster.start(leader, "130");
    expect_accepted(&cluster, started, leader, (2, 3));
    cluster.one_with_retry("1000", 5);
    cluster.finish()
}

fn concurrent_starts(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    for attempt in 0..5 {
        if attempt > 0 {
            // The servers may need time to agree on a leader.
            thread::sleep(Duration::from_secs(3));
        }
        if start_together(&cluster) {
            return cluster.finish();
        }
    }
    fail_no_stable_leader()
}

/// Starts five commands at the same time. `false` if the leader or its term has changed meanwhile.
fn start_together(cluster: &RaftCluster) -> bool {
    let leader = cluster.check_one_leader();
    let Some(first) = cluster.start(leader, "first") else {
        return false;
    };
    let commands: Vec<String> = (100..105).map(|number| number.to_string()).collect();
    let started: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = commands
            .iter()
            .map(|command| scope.spawn(move || cluster.start(leader, command)))
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("start does not panic")).collect()
    });
    if started.iter().any(|started| started.is_none_or(|started| started.term != first.term)) {
        return false;
    }
    let waited: Option<Vec<String>> = started
        .into_iter()
        .flatten()
        .map(|started| cluster.wait(started.index, 3, Some(first.term)))
        .collect();
    let Some(committed) = waited else {
        return false;
    };
    for command in &commands {
        expect(
            committed.contains(command),
            format_args!("{commands:?} are committed at the indexes that start() returned"),
            format_args!("at these indexes, {committed:?} are committed"),
        );
    }
    true
}

fn rejoin(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    cluster.one_with_retry("101", 3);
    let first = cluster.check_one_leader();
    cluster.disconnect(first);
    for command in ["102", "103", "104"] {
        cluster.start(first, command);
    }
    cluster.one_with_retry("103", 2);

    let second = cluster.check_one_leader();
    cluster.disconnect(second);
    cluster.connect(first);
    cluster.one_with_retry("104", 2);
    cluster.connect(second);
    cluster.one_with_retry("105", 3);
    cluster.finish()
}
