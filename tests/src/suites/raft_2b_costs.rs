//! 2B, continued: how many bytes and RPCs things may take.

use std::thread;
use std::time::{Duration, Instant};

use protocol::{Index, Started};

use super::expect::expect;
use super::limits::{ELECTION, SHORTEST_TIMEOUT};
use super::log_checks::{expect_index, fail_no_stable_leader};
use super::script::{Cast, Chance, Script, appends, play, replies, requests};
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
    let seconds = (cluster.elapsed() - begun).as_secs_f64();
    let limit = BACKUP_REQUESTS + REQUESTS_PER_SECOND * seconds;
    expect(
        spent as f64 <= limit,
        format_args!(
            "two logs that differ in 50 entries are repaired with at most {limit:.0} RPCs"
        ),
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
    let limit = BACKUP_REQUESTS + REQUESTS_PER_SECOND * begun.elapsed().as_secs_f64();
    let spent = script.passed(&sent) - before;
    expect(
        spent as f64 <= limit,
        format_args!(
            "a follower that lacks 50 entries gets them from a new leader with at most {limit:.0} RPCs"
        ),
        format_args!(
            "it took {spent}: does the leader go back an entry at a time, or send an entry at a time?"
        ),
    );
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

/// How long a command on an idle cluster takes until its leader has committed it.
const PROMPT: Duration = Duration::from_millis(60);

/// How many commands are started one by one.
const SINGLE_COMMANDS: usize = 20;

/// How many of them must be prompt.
const PROMPT_COMMANDS: usize = 16;

/// Longer than any call takes whose request was lost.
const CALLS_END: Duration = Duration::from_secs(8);

/// A leader sends a new entry at once (section 5.3), not with its next heartbeat, also to a follower to which calls were
/// lost before, or to which calls of an earlier term of office have no answer yet. Time is measured in simulations only.
pub(super) fn prompt_entries(run: &Run) -> Summary {
    let summary = play(run, Cast::of(3), |script| {
        let leader = script.elect_any()?;
        script.watch(ELECTION);
        expect_prompt(script, leader)
    });
    if !sim::is_active() {
        return summary;
    }
    play(run, Cast::of(3), beside_heartbeats);
    play(run, Cast::of(3), |script| {
        let leader = script.elect_any()?;
        let started = script.start(leader, "before")?;
        script.await_applied(started.index, 3)?;
        script.lose(appends());
        script.start(leader, "lost at first")?;
        // Not so long that another server stands.
        script.watch(SHORTEST_TIMEOUT / 2);
        script.pass(appends());
        script.watch(CALLS_END);
        expect_prompt(script, leader)
    });
    play(run, Cast::of(3), |script| {
        let leader = script.elect_any()?;
        let [other, third] = script.others(leader);
        // These calls are open until the leader is deposed and elected again.
        script.hold(appends().from(leader).replies());
        script.watch(ELECTION / 2);
        let newer = script.elect(other, &[third])?;
        script.pass(appends().from(other).to(leader));
        script.wait("the old leader learns of the newer term", || script.term(leader) >= newer)?;
        script.elect(leader, &[third])?;
        script.pass(requests());
        script.pass(replies());
        expect_prompt(script, leader)
    })
}

fn expect_prompt(script: &Script<'_>, leader: usize) -> Result<(), Chance> {
    let term = script.term(leader);
    let mut prompt = 0;
    for number in 1..=SINGLE_COMMANDS {
        script.watch(Duration::from_millis(100 + script.cluster.draw(150)));
        let begun = Instant::now();
        let mut started = script.start(leader, &format!("command {number}"))?;
        if number % 2 == 0 {
            started = script.start(leader, &format!("right after command {number}"))?;
        }
        script.await_applied(started.index, 1)?;
        prompt += usize::from(begun.elapsed() <= PROMPT);
    }
    // A leader that is new to its office may have to find out first what its followers have.
    let same = script.leads(leader) && script.term(leader) == term;
    Chance::unless(same, "the leader stays")?;
    expect(
        prompt >= PROMPT_COMMANDS || !sim::is_active(),
        format_args!(
            "of {SINGLE_COMMANDS} times that an idle cluster gets a command, or two back to back, they are at least \
             {PROMPT_COMMANDS} times applied within {} ms: a leader sends new entries at once, and servers apply at once what is \
             committed",
            PROMPT.as_millis()
        ),
        format_args!(
            "{prompt} are: does an entry wait for the next heartbeat, or until the server looks for \
             something to apply?"
        ),
    );
    Ok(())
}

/// A command comes while heartbeats to all followers are on their way. It is sent at once, or when they have been answered,
/// and does not wait for the next ones.
fn beside_heartbeats(script: &Script<'_>) -> Result<(), Chance> {
    const COMMANDS: usize = 10;
    const MUST_BE_PROMPT: usize = 7;
    let leader = script.elect_any()?;
    let term = script.term(leader);
    let replies = appends().from(leader).replies();
    let mut prompt = 0;
    for number in 1..=COMMANDS {
        script.watch(Duration::from_millis(100 + script.cluster.draw(150)));
        script.hold(replies.clone());
        for follower in script.others::<2>(leader) {
            script.await_held(appends().from(leader).to(follower).replies())?;
        }
        let started = script.start(leader, &format!("command {number}"))?;
        script.watch(Duration::from_millis(2));
        script.pass(replies.clone());
        script.release(replies.clone());
        let begun = Instant::now();
        script.await_applied(started.index, 1)?;
        prompt += usize::from(begun.elapsed() <= PROMPT);
    }
    let same = script.leads(leader) && script.term(leader) == term;
    Chance::unless(same, "the leader stays")?;
    expect(
        prompt >= MUST_BE_PROMPT,
        format_args!(
            "of {COMMANDS} commands that come while heartbeats are on their way, at least {MUST_BE_PROMPT} are applied \
             within {} ms of the answers: a leader does not keep a new entry for the next heartbeat",
            PROMPT.as_millis()
        ),
        format_args!("{prompt} are"),
    );
    Ok(())
}

/// How many commands a busy leader gets while a follower does not answer, and how long after each other.
const UNANSWERED_COMMANDS: usize = 400;
const UNANSWERED_PAUSE: Duration = Duration::from_millis(5);

/// One request to a follower never arrives, and its call has no answer for seconds. Later ones do. Then the same if all
/// requests arrive and no call has an answer, on an idle cluster and on a busy one.
pub(super) fn held_call(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        let leader = script.elect_any()?;
        let [follower, _other] = script.others::<2>(leader);
        let sent = appends().from(leader).to(follower);
        script.hold(sent.clone());
        script.await_held(sent.clone())?;
        script.pass(sent);
        expect_heard(script, [leader, follower], "one of the leader's calls to it has no answer")
    });
    play(run, Cast::of(3), |script| {
        let servers = hold_replies(script)?;
        expect_heard(script, servers, NO_ANSWERS)
    });
    play(run, Cast::of(3), |script| {
        let [leader, follower] = hold_replies(script)?;
        let term = script.term(leader);
        for number in 0..UNANSWERED_COMMANDS {
            let now = script.term(follower);
            expect(
                now <= term,
                hears_while([leader, follower], NO_ANSWERS),
                format_args!("it is in term {now}"),
            );
            script.start(leader, &number.to_string())?;
            script.watch(UNANSWERED_PAUSE);
        }
        Ok(())
    })
}

/// Fails the test unless a follower stays one for 2 s, and then applies a command within 2 s.
fn expect_heard(
    script: &Script<'_>,
    [leader, follower]: [usize; 2],
    unanswered: &str,
) -> Result<(), Chance> {
    let term = script.term(leader);
    script.never(2 * ELECTION, &hears_while([leader, follower], unanswered), || {
        script.term(follower) > term
    });
    let started = script.start(leader, "next")?;
    script.must(
        2 * ELECTION,
        &format!("server {follower} applies index {} while {unanswered}", started.index),
        || script.cluster.applied_by(started.index) == 3,
    );
    Ok(())
}

/// Has a leader elected that gets no answer to its calls from one follower.
fn hold_replies(script: &Script<'_>) -> Result<[usize; 2], Chance> {
    let leader = script.elect_any()?;
    let [follower, _other] = script.others::<2>(leader);
    script.hold(appends().from(leader).to(follower).replies());
    Ok([leader, follower])
}

const NO_ANSWERS: &str = "none of the leader's calls to it has an answer";

fn hears_while([leader, follower]: [usize; 2], unanswered: &str) -> String {
    format!(
        "server {follower} goes on hearing from its leader, server {leader}, and stands for no election, while {unanswered}"
    )
}
