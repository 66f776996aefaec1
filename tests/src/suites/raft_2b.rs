//! 2B: the log.

use std::thread;
use std::time::Duration;

use raft::Index;

use super::{ELECTION, LIMIT, expect};
use crate::case::{Case, Run, Summary};
use crate::harness::{RaftCluster, Snapshots};
use crate::runner::{Class, Failure, fail};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "2B", name, title, limit: LIMIT, run }
}

pub(super) const CASES: &[Case] = &[
    case("basic_agree", "commands are committed in the order they are started", basic_agree),
    case("rpc_bytes", "each command goes to each follower once", rpc_bytes),
    case("follower_failure", "followers fail one after the other", follower_failure),
    case("leader_failure", "leaders fail one after the other", leader_failure),
    case("fail_agree", "agreement goes on without a follower, and takes it in again", fail_agree),
    case("fail_no_agree", "nothing is committed without a majority", fail_no_agree),
    case(
        "concurrent_starts",
        "commands that are started at once are all committed",
        concurrent_starts,
    ),
    case("rejoin", "a leader that was cut off gives up its entries", rejoin),
    case("backup", "a leader finds quickly where a follower's log parts from its own", backup),
    case("count", "elections, agreement and idling take few RPCs", count),
];

fn basic_agree(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    for index in 1..=3 {
        cluster.check_not_committed(index, "it has not been started yet");
        let at = cluster.one(&(index * 100).to_string(), 3);
        expect_index(at, index);
    }
    cluster.finish()
}

fn expect_index(seen: Index, expected: Index) {
    expect(
        seen == expected,
        format!("the next command is committed at index {expected}"),
        format!("it is at index {seen}"),
    );
}

/// What a message may cost besides its command, in our encoding: term, indexes, lengths, reply.
const OVERHEAD: u64 = 64;

fn rpc_bytes(run: &Run) -> Summary {
    const COMMANDS: u64 = 10;
    const SIZE: u64 = 5_000;
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    cluster.one("99", 3);
    let before = cluster.totals();
    for index in 2..2 + COMMANDS {
        let mut command = cluster.random_command();
        command.extend(std::iter::repeat_n('x', SIZE as usize - command.len()));
        expect_index(cluster.one(&command, 3), index);
    }
    let after = cluster.totals();
    let bytes = after.bytes - before.bytes;
    // Two followers need each command once. A quarter more leaves room for a message that is sent
    // again on a busy machine, and none for sending everything twice.
    let needed = 2 * COMMANDS * SIZE;
    let limit = needed + needed / 4 + OVERHEAD * (after.requests - before.requests);
    expect(
        bytes <= limit,
        format!("{COMMANDS} commands of {SIZE} bytes reach 2 followers with at most {limit} bytes"),
        format!("the network has carried {bytes}"),
    );
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
    expect_accepted(started.map(|started| started.index), &[4], leader);
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
    cluster.check_not_committed(4, "the leader is cut off, and the one server left is no majority");
    cluster.finish()
}

fn expect_accepted(index: Option<Index>, expected: &[Index], leader: usize) {
    expect(
        index.is_some_and(|index| expected.contains(&index)),
        format!("server {leader}, the leader, accepts a command at an index of {expected:?}"),
        index.map_or("it refuses it".to_owned(), |index| format!("it accepts it at index {index}")),
    );
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
    let cluster = RaftCluster::new(5, Snapshots::Off, run);
    cluster.one("10", 5);
    let leader = cluster.check_one_leader();
    let lost = [1, 2, 3].map(|step| (leader + step) % 5);
    for server in lost {
        cluster.disconnect(server);
    }
    let started = cluster.start(leader, "20");
    expect_accepted(started.map(|started| started.index), &[2], leader);
    thread::sleep(2 * ELECTION);
    cluster.check_not_committed(2, "its leader reaches one follower of four");

    for server in lost {
        cluster.connect(server);
    }
    // The three may have elected another leader, which does not know of the command at index 2.
    let leader = cluster.check_one_leader();
    let started = cluster.start(leader, "30");
    expect_accepted(started.map(|started| started.index), &[2, 3], leader);
    cluster.one_with_retry("1000", 5);
    cluster.finish()
}

fn concurrent_starts(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    for attempt in 0..5 {
        if attempt > 0 {
            // Give the cluster time to settle on a leader.
            thread::sleep(Duration::from_secs(3));
        }
        if start_at_once(&cluster) {
            return cluster.finish();
        }
    }
    fail(unsettled())
}

/// Starts five commands at once. `false` if the leader has changed meanwhile.
fn start_at_once(cluster: &RaftCluster) -> bool {
    let leader = cluster.check_one_leader();
    let Some(first) = cluster.start(leader, "1") else {
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
            format!("all of {commands:?}, started at once, are committed where start() said"),
            format!("committed there: {committed:?}"),
        );
    }
    true
}

fn unsettled() -> Failure {
    Failure::new(
        Class::NoProgress,
        "a leader stays for a second on a network without faults".to_owned(),
        "in five attempts the leader or the term changed each time".to_owned(),
    )
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

/// What two followers may cost besides heartbeats when their logs part from the leader's for fifty
/// entries: some rounds to find where, some elections. An entry at a time, it takes a hundred.
const BACKUP_REQUESTS: f64 = 30.0;

/// What heartbeats to two followers, and some elections, may cost in a second.
const REQUESTS_PER_SECOND: f64 = 25.0;

fn backup(run: &Run) -> Summary {
    let cluster = RaftCluster::new(5, Snapshots::Off, run);
    cluster.one_with_retry(&cluster.random_command(), 5);
    let first = cluster.check_one_leader();
    let trio = [2, 3, 4].map(|step| (first + step) % 5);
    let pair = [first, (first + 1) % 5];

    // The first leader, with one follower, takes in fifty commands that cannot be committed.
    trio.iter().for_each(|server| cluster.disconnect(*server));
    start_fifty(&cluster, first);
    thread::sleep(ELECTION / 2);
    pair.iter().for_each(|server| cluster.disconnect(*server));

    // The other three commit fifty.
    trio.iter().for_each(|server| cluster.connect(*server));
    agree_on_fifty(&cluster);

    // Their leader, with one follower, takes in fifty more that cannot be committed.
    let second = cluster.check_one_leader();
    let other = if trio[0] == second { trio[1] } else { trio[0] };
    cluster.disconnect(other);
    start_fifty(&cluster, second);
    thread::sleep(ELECTION / 2);

    // The first leader comes back with its follower, and with the one server that knows better.
    (0..5).for_each(|server| cluster.disconnect(server));
    let met = [first, pair[1], other];
    met.iter().for_each(|server| cluster.connect(*server));
    let before: u64 = met.iter().map(|server| cluster.requests_to(*server)).sum();
    let begun = cluster.elapsed();
    cluster.one_with_retry(&cluster.random_command(), 3);
    let spent: u64 = met.iter().map(|server| cluster.requests_to(*server)).sum::<u64>() - before;
    let seconds = (cluster.elapsed() - begun).as_secs_f64();
    let limit = BACKUP_REQUESTS + REQUESTS_PER_SECOND * seconds;
    expect(
        spent as f64 <= limit,
        format!("logs that part for 50 entries come together with at most {limit:.0} RPCs"),
        format!("it took {spent} in {seconds:.1} s: does the leader go back an entry at a time?"),
    );
    agree_on_fifty(&cluster);

    (0..5).for_each(|server| cluster.connect(server));
    cluster.one_with_retry(&cluster.random_command(), 5);
    cluster.finish()
}

fn start_fifty(cluster: &RaftCluster, leader: usize) {
    for _ in 0..50 {
        cluster.start(leader, &cluster.random_command());
    }
}

fn agree_on_fifty(cluster: &RaftCluster) {
    for _ in 0..50 {
        cluster.one_with_retry(&cluster.random_command(), 3);
    }
}

fn count(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    let mut leader = cluster.check_one_leader();
    let elected = all_requests(&cluster);
    expect(
        (1..=30).contains(&elected),
        "the first leader is elected with 1 to 30 RPCs",
        format!("there were {elected}"),
    );
    for attempt in 0..5 {
        if attempt > 0 {
            thread::sleep(Duration::from_secs(3));
            leader = cluster.check_one_leader();
        }
        if count_batch(&cluster, leader) {
            count_idle(&cluster);
            return cluster.finish();
        }
    }
    fail(unsettled())
}

fn all_requests(cluster: &RaftCluster) -> u64 {
    (0..cluster.size()).map(|server| cluster.requests_to(server)).sum()
}

/// Starts twelve commands back to back. `false` if the leader has changed meanwhile.
fn count_batch(cluster: &RaftCluster, leader: usize) -> bool {
    const COMMANDS: Index = 10;
    let before = all_requests(cluster);
    let Some(first) = cluster.start(leader, &cluster.random_command()) else {
        return false;
    };
    let mut commands = Vec::new();
    for step in 1..COMMANDS + 2 {
        let command = cluster.random_command();
        match cluster.start(leader, &command) {
            Some(started) if started.term == first.term => {
                expect_index(started.index, first.index + step);
                commands.push(command);
            }
            _ => return false,
        }
    }
    for (index, command) in (first.index + 1..=first.index + COMMANDS).zip(&commands) {
        let Some(committed) = cluster.wait(index, 3, Some(first.term)) else {
            return false;
        };
        expect(
            committed == *command,
            format!("the command that start() put at index {index} is committed there"),
            format!("{committed} is, in place of {command}"),
        );
    }
    let same_term = |server| cluster.get_state(server).is_some_and(|(term, _)| term == first.term);
    if !(0..3).all(same_term) {
        return false;
    }
    let spent = all_requests(cluster) - before;
    let limit = (COMMANDS + 1 + 3) * 3;
    expect(
        spent <= limit,
        format!("{} commands take at most {limit} RPCs", COMMANDS + 2),
        format!("they took {spent}"),
    );
    true
}

/// Ten heartbeats a second to each of two followers, and half as many again.
const IDLE_REQUESTS: u64 = 30;

fn count_idle(cluster: &RaftCluster) {
    let before = all_requests(cluster);
    thread::sleep(ELECTION);
    let spent = all_requests(cluster) - before;
    expect(
        spent <= IDLE_REQUESTS,
        format!(
            "an idle second takes at most {IDLE_REQUESTS} RPCs: ten heartbeats to each follower"
        ),
        format!("it took {spent}"),
    );
}
