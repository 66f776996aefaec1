//! 2B, continued: how many bytes and RPCs things may take.

use std::thread;
use std::time::{Duration, Instant};

use protocol::{Index, Started};

use super::expect::expect;
use super::limits::ELECTION;
use super::log_checks::{expect_index, fail_no_stable_leader};
use super::script::{Cast, Chance, Script, appends, play};
use crate::case::{Run, Summary};
use crate::harness::{RaftCluster, Snapshots};

/// How many bytes a message may take besides its command: term, indexes, lengths and reply.
const OVERHEAD: u64 = 64;

/// Ten commands of 5,000 bytes: no follower gets one twice.
pub(super) fn rpc_bytes(run: &Run) -> Summary {
    const COMMANDS: u64 = 10;
    const SIZE: u64 = 5_000;
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    cluster.one("99", 3);
    let before = cluster.totals();
    for index in 2..2 + COMMANDS {
        let mut command = cluster.random_command();
        command.extend(std::iter::repeat_n('x', SIZE as usize - command.len()));
        expect_index(&cluster, cluster.one(&command, 3), index);
    }
    let after = cluster.totals();
    let bytes = after.bytes - before.bytes;
    // Two followers need each command once. A quarter more allows for messages that are sent again on a
    // busy machine, but not for sending everything twice.
    let needed = 2 * COMMANDS * SIZE;
    let most = needed + needed / 4;
    let limit = most + OVERHEAD * (after.requests - before.requests);
    expect(
        bytes <= limit,
        format_args!(
            "{COMMANDS} commands of {SIZE} bytes take at most {most} bytes plus {OVERHEAD} per message, \
             {limit} bytes in all: each of 2 followers needs each command once"
        ),
        format_args!("they took {bytes} bytes"),
    );
    cluster.finish()
}

/// How many RPCs the repair of two followers' logs may take if they differ in fifty entries, besides
/// heartbeats. Some are for finding out where the logs differ, some for elections. It takes a hundred if
/// the leader goes back an entry at a time.
const BACKUP_REQUESTS: f64 = 30.0;

/// How many RPCs a second heartbeats to two followers, and some elections, may take.
const REQUESTS_PER_SECOND: f64 = 25.0;

/// Two leaders fill their logs with entries that are never committed, and the logs are repaired. Then a log that is only
/// too short.
pub(super) fn backup(run: &Run) -> Summary {
    play(run, Cast::of(3), short_log);
    let cluster = RaftCluster::new(5, Snapshots::Off, run);
    cluster.one_with_retry(&cluster.random_command(), 5);
    let first = cluster.check_one_leader();
    let trio = [2, 3, 4].map(|step| (first + step) % 5);
    let pair = [first, (first + 1) % 5];

    // The first leader has one follower, and accepts fifty commands that cannot be committed.
    trio.iter().for_each(|server| cluster.disconnect(*server));
    start_fifty(&cluster, first);
    thread::sleep(ELECTION / 2);
    pair.iter().for_each(|server| cluster.disconnect(*server));

    // The other three servers commit fifty.
    trio.iter().for_each(|server| cluster.connect(*server));
    agree_on_fifty(&cluster);

    // Their leader keeps one follower, and accepts fifty more that cannot be committed.
    let second = cluster.check_one_leader();
    let other = if trio[0] == second { trio[1] } else { trio[0] };
    cluster.disconnect(other);
    start_fifty(&cluster, second);
    thread::sleep(ELECTION / 2);

    // The first leader and its follower meet the one server that has only committed entries.
    (0..5).for_each(|server| cluster.disconnect(server));
    repair(&cluster, [first, pair[1], other]);
    agree_on_fifty(&cluster);

    (0..5).for_each(|server| cluster.connect(server));
    cluster.one_with_retry(&cluster.random_command(), 5);
    cluster.finish()
}

/// Connects three servers, two of which have logs that differ from the third one's in fifty entries.
fn repair(cluster: &RaftCluster, servers: [usize; 3]) {
    servers.iter().for_each(|server| cluster.connect(*server));
    let requests = || servers.iter().map(|server| cluster.requests_to(*server)).sum::<u64>();
    let before = requests();
    let begun = cluster.elapsed();
    cluster.one_with_retry(&cluster.random_command(), 3);
    let spent = requests() - before;
    expect_few("two logs that differ in 50 entries are", spent, cluster.elapsed() - begun);
}

/// Fails the test if the repair of logs took too many RPCs.
fn expect_few(what_is: &str, spent: u64, time: Duration) {
    let seconds = time.as_secs_f64();
    let limit = BACKUP_REQUESTS + REQUESTS_PER_SECOND * seconds;
    expect(
        spent as f64 <= limit,
        format_args!("{what_is} repaired with at most {limit:.0} RPCs"),
        format_args!(
            "it took {spent} in {seconds:.1} s: does the leader go back an entry at a time, send an entry at a time, \
             or send heartbeats too often?"
        ),
    );
}

/// A follower lacks fifty entries, and a new leader, which does not know that, has them.
fn short_log(script: &Script<'_>) -> Result<(), Chance> {
    let old = script.elect_any()?;
    let [one, behind] = script.others(old);
    script.start(old, "for all")?;
    script.await_applied(1, 3)?;
    script.cut_off(behind);
    start_fifty(script.cluster, old);
    script.await_applied(51, 2)?;
    let leader = script.elect_among(&[old, one])?;
    let sent = appends().from(leader).to(behind);
    let (before, begun) = (script.passed(&sent), Instant::now());
    script.pass(appends().from(leader));
    let started = script.start(leader, "next")?;
    script.await_applied(started.index, 3)?;
    let spent = script.passed(&sent) - before;
    expect_few("a log that lacks 50 entries of a new leader is", spent as u64, begun.elapsed());
    Ok(())
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

/// Counts the RPCs of an election, of twelve commands, and of a second in which nothing happens.
pub(super) fn count(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    let mut leader = cluster.check_one_leader();
    let elected = all_requests(&cluster);
    expect(
        (1..=30).contains(&elected),
        "the first election takes 1 to 30 RPCs",
        format_args!("it took {elected}"),
    );
    for attempt in 0..5 {
        if attempt > 0 {
            thread::sleep(Duration::from_secs(3));
            leader = cluster.check_one_leader();
        }
        if count_batch(&cluster, leader).is_some() {
            count_idle(&cluster);
            return cluster.finish();
        }
    }
    fail_no_stable_leader()
}

fn all_requests(cluster: &RaftCluster) -> u64 {
    (0..cluster.size()).map(|server| cluster.requests_to(server)).sum()
}

/// How many of the twelve commands are looked at.
const COMMANDS: Index = 10;

/// How many RPCs twelve commands may take: to each of two followers, one with each entry, one with the news of
/// each commit, and one for each that was refused because it overtook another.
const BATCH_REQUESTS: u64 = 72;

/// Starts twelve commands back to back. `None` if the leader or its term has changed meanwhile.
fn count_batch(cluster: &RaftCluster, leader: usize) -> Option<()> {
    let before = all_requests(cluster);
    let (first, commands) = start_batch(cluster, leader)?;
    for (index, command) in (first.index + 1..=first.index + COMMANDS).zip(&commands) {
        let committed = cluster.wait(index, 3, Some(first.term))?;
        expect(
            committed == *command,
            format_args!(
                "{command:?} is committed at index {index}, which start() returned for it"
            ),
            format_args!("{committed:?} is committed there"),
        );
    }
    let same_term = |server| cluster.get_state(server).is_some_and(|(term, _)| term == first.term);
    if !(0..3).all(same_term) {
        return None;
    }
    let spent = all_requests(cluster) - before;
    expect(
        spent <= BATCH_REQUESTS,
        format_args!("{} commands take at most {BATCH_REQUESTS} RPCs", COMMANDS + 2),
        format_args!("they took {spent}"),
    );
    Some(())
}

/// Where the first command was put, and all commands after it.
fn start_batch(cluster: &RaftCluster, leader: usize) -> Option<(Started, Vec<String>)> {
    let first = cluster.start(leader, &cluster.random_command())?;
    let mut commands = Vec::new();
    for step in 1..COMMANDS + 2 {
        let command = cluster.random_command();
        let started = cluster.start(leader, &command)?;
        if started.term != first.term {
            return None;
        }
        expect_index(cluster, started.index, first.index + step);
        commands.push(command);
    }
    Some((first, commands))
}

/// How many RPCs ten heartbeats a second to each of two followers take, and half as many again.
const IDLE_REQUESTS: u64 = 30;

fn count_idle(cluster: &RaftCluster) {
    let before = all_requests(cluster);
    thread::sleep(ELECTION);
    let spent = all_requests(cluster) - before;
    expect(
        spent <= IDLE_REQUESTS,
        format_args!(
            "a second without commands takes at most {IDLE_REQUESTS} RPCs: ten heartbeats to each follower, \
             and some to spare"
        ),
        format_args!("it took {spent}"),
    );
}
