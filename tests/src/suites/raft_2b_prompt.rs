//! 2B, continued: how soon followers get what the leader has, and whether they go on hearing from it.

use std::time::{Duration, Instant};

use protocol::Started;

use super::expect::expect;
use super::limits::{ELECTION, SHORTEST_TIMEOUT};
use super::script::{Cast, Chance, Script, appends, play, replies, requests, votes};
use crate::case::{Run, Summary};

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

/// Commands on an idle cluster.
fn expect_prompt(script: &Script<'_>, leader: usize) -> Result<(), Chance> {
    let prompt = count_prompt(script, leader, SINGLE_COMMANDS, |number| {
        let begun = Instant::now();
        let mut started = script.start(leader, &format!("command {number}"))?;
        if number % 2 == 0 {
            started = script.start(leader, &format!("right after command {number}"))?;
        }
        Ok((begun, started))
    })?;
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
    let replies = appends().from(leader).replies();
    let prompt = count_prompt(script, leader, COMMANDS, |number| {
        script.hold(replies.clone());
        for follower in script.others::<2>(leader) {
            script.await_held(appends().from(leader).to(follower).replies())?;
        }
        let started = script.start(leader, &format!("command {number}"))?;
        script.watch(Duration::from_millis(2));
        script.pass(replies.clone());
        script.release(replies.clone());
        Ok((Instant::now(), started))
    })?;
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

/// Starts commands one by one, and counts those that are applied in time. `start` says when that begins.
fn count_prompt(
    script: &Script<'_>,
    leader: usize,
    commands: usize,
    start: impl Fn(usize) -> Result<(Instant, Started), Chance>,
) -> Result<usize, Chance> {
    let term = script.term(leader);
    let mut prompt = 0;
    for number in 1..=commands {
        script.watch(Duration::from_millis(100 + script.cluster.draw(150)));
        let (begun, started) = start(number)?;
        script.await_applied(started.index, 1)?;
        prompt += usize::from(begun.elapsed() <= PROMPT);
    }
    // A leader that is new to its office may have to find out first what its followers have.
    let same = script.leads(leader) && script.term(leader) == term;
    Chance::unless(same, "the leader stays")?;
    Ok(prompt)
}

/// How many commands a busy leader gets while a follower does not answer, and how long after each other.
const UNANSWERED_COMMANDS: usize = 400;
const UNANSWERED_PAUSE: Duration = Duration::from_millis(5);

/// By then a leader has sent again, although a call has no answer. The call itself fails only later.
const STILL_SENT: Duration = Duration::from_secs(5);

/// One request to a follower never arrives, and its call has no answer for seconds. Later ones do. It is a heartbeat, or
/// the request that repairs the follower's log. Then the same if all requests arrive and no call has an answer, on an idle
/// cluster and on a busy one.
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
    play(run, Cast::of(3), held_repair);
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

/// A follower misses entries, and the first request that has them never arrives.
fn held_repair(script: &Script<'_>) -> Result<(), Chance> {
    let leader = script.elect_any()?;
    let [follower, _other] = script.others::<2>(leader);
    let term = script.term(leader);
    let sent = appends().from(leader).to(follower);
    script.lose(sent.clone());
    let mut last = 0;
    for _ in 0..3 {
        last = script.start(leader, &script.long_command())?.index;
    }
    script.await_applied(last, 2)?;
    script.pass(sent.clone());
    let entries = sent.clone().with_commands();
    script.hold(entries.clone());
    script.await_held(entries.clone())?;
    // The follower has heard nothing for a while, so it may stand with good reason.
    script.lose(votes().from(follower));
    script.pass(entries);
    let before = script.passed(&sent);
    script.must(
        STILL_SENT,
        &format!(
            "server {leader} goes on sending to server {follower} while the call that repairs its log has no answer"
        ),
        || script.passed(&sent) > before,
    );
    script.pass(votes());
    Chance::unless(script.term(follower) <= term, "the follower has not stood")?;
    expect_heard(script, [leader, follower], "the call that repairs its log has no answer")
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
