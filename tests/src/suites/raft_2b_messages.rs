//! 2B, continued: messages that come late or twice, and replies that do not come.

use std::time::{Duration, Instant};

use labrpc::HeldMessage;
use memchr::memmem;

use super::expect::expect;
use super::limits::SHORTEST_TIMEOUT;
use super::log_steps::{AGREEMENT, HEARTBEATS, go_on_with, leader_with_tail};
use super::script::{Cast, Chance, Messages, Script, appends, play, requests};
use crate::case::{Run, Summary};

/// How long a follower hears from a leader whose entries do not fit. Meanwhile a timer that nothing restarts runs out.
const CALM: Duration = Duration::from_secs(3);

/// A late AppendEntries does not remove what later ones have added (Figure 2, AppendEntries, step 3).
pub(super) fn late_append(run: &Run) -> Summary {
    play(run, Cast::of(3).times(2), |script| {
        let leader = script.elect_any()?;
        let [follower, absent] = script.others(leader);
        script.lose(requests().to(absent));
        script.hold(appends().from(leader).to(follower));
        script.start(leader, "first")?;
        script.await_held(appends().from(leader).to(follower))?;
        script.watch(HEARTBEATS);
        script.pass(appends().from(leader).to(follower));
        script.start(leader, "second")?;
        script.start(leader, "third")?;
        script.await_applied(3, 2)?;
        script.release(appends().from(leader).to(follower));
        script.watch(Duration::from_millis(50));
        go_on_with(script, &[follower, absent], "fourth")
    })
}

/// An acknowledgement that comes late acknowledges what was sent then, not what was added since (Figure 2,
/// matchIndex).
pub(super) fn late_acknowledgement(run: &Run) -> Summary {
    play(run, Cast::of(3), late_acknowledgement_of_a_tail);
    play(run, Cast::of(3), acknowledged_before);
    play(run, Cast::of(3).times(2), |script| {
        let leader = script.elect_any()?;
        let [follower, absent] = script.others(leader);
        script.lose(requests().to(absent));
        let sent = appends().from(leader).to(follower);
        script.hold(sent.clone().replies());
        script.start(leader, "first")?;
        script.await_passed(sent.clone(), 1)?;
        script.watch(HEARTBEATS);
        script.lose(requests().from(leader));
        script.start(leader, "second")?;
        script.release(sent.replies());
        script.never(
            HEARTBEATS,
            &format!(
                "server {leader} does not commit index 2, which it has sent to nobody: a late \
                 acknowledgement is of index 1 (Figure 2, matchIndex)"
            ),
            || script.cluster.applied_by(2) > 0,
        );
        go_on_with(script, &[follower, absent], "third")
    })
}

/// A late acknowledgement of index 1 comes after that of index 2: what has been acknowledged is not sent again.
fn acknowledged_before(script: &Script<'_>) -> Result<(), Chance> {
    const SECOND: &str = "acknowledged in time";
    const THIRD: &str = "sent after the late acknowledgement";
    let leader = script.elect_any()?;
    let [follower, absent] = script.others(leader);
    let sent = appends().from(leader).to(follower);
    script.lose(requests().to(absent));
    script.hold(sent.clone().replies());
    script.start(leader, "acknowledged late")?;
    script.await_held(sent.clone().replies())?;
    script.watch(Duration::from_millis(50));
    let late = script.held(&sent.clone().replies());
    script.pass(sent.clone().replies());
    let second = script.start(leader, SECOND)?;
    script.await_applied(second.index, 1)?;
    // Replies that are under way arrive.
    script.watch(Duration::from_millis(50));
    script.hold(sent.clone());
    late.iter().for_each(|reply| _ = script.cluster.network().release(reply.id));
    script.watch(Duration::from_millis(5));
    script.start(leader, THIRD)?;
    await_command(script, &sent, THIRD)?;
    Chance::unless(script.leads(leader), "the leader stays")?;
    expect(
        !script.held(&sent).iter().any(|request| holds(request, SECOND)),
        format_args!(
            "server {leader} sends index {} to server {follower} once: that has acknowledged it, and a late \
             acknowledgement of index 1 changes nothing (Figure 2, nextIndex)",
            second.index
        ),
        "it sends it again",
    );
    Ok(())
}

/// A follower has a tail of its own: an acknowledgement is not of the whole log of the follower.
fn late_acknowledgement_of_a_tail(script: &Script<'_>) -> Result<(), Chance> {
    let (old, others) = leader_with_tail(script, 2)?;
    let leader = script.elect_among(&others)?;
    let sent = appends().from(leader).to(old);
    script.hold(sent.clone().replies());
    script.pass(sent.clone());
    script.await_held(sent.clone().replies())?;
    script.lose(requests());
    for command in ["new 1", "new 2"] {
        script.start(leader, command)?;
    }
    script.release(sent.replies());
    script.never(
        HEARTBEATS,
        &format!(
            "server {leader} does not commit index 2, which it has sent to nobody: server {old} has acknowledged \
             index 1, and the rest of its log is its own (Figure 2, matchIndex)"
        ),
        || script.cluster.applied_by(2) > 0,
    );
    Ok(())
}

/// Each request arrives twice: a follower has each entry once (section 5.3).
pub(super) fn doubled_requests(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        let leader = script.elect_any()?;
        script.double(requests());
        for number in 1..=10 {
            script.start(leader, &format!("command {number}"))?;
            script.watch(Duration::from_millis(20));
        }
        script.must(
            AGREEMENT,
            "all servers apply indexes 1 to 10 while each request arrives twice",
            || script.cluster.applied_by(10) == 3,
        );
        Ok(())
    });
    play(run, Cast::of(3).times(2), confirms_again)
}

/// The first reply to a request with an entry does not arrive, the second one does.
fn confirms_again(script: &Script<'_>) -> Result<(), Chance> {
    const COMMAND: &str = "its first reply does not arrive";
    let leader = script.elect_any()?;
    let [follower, absent] = script.others(leader);
    let sent = appends().from(leader).to(follower);
    script.lose(requests().to(absent));
    script.hold(sent.clone());
    script.hold(sent.clone().replies());
    let started = script.start(leader, COMMAND)?;
    let request = await_command(script, &sent, COMMAND)?;
    script.cluster.network().release_twice(request.id);
    let mut answers = Vec::new();
    script.wait("the follower answers twice", || {
        answers = script.held(&sent.clone().replies());
        answers.retain(|reply| reply.call == request.id);
        answers.len() == 2
    })?;
    script.cluster.network().release(answers[1].id);
    script.must_soon(
        &format!(
            "server {leader} commits index {}: server {follower} has the entry, and confirms it again when the request \
             arrives twice and the first reply does not (section 5.5)",
            started.index
        ),
        || script.cluster.applied_by(started.index) > 0 || !script.leads(leader),
    );
    Chance::unless(script.leads(leader), "the leader stays")
}

/// Replies are lost, then requests: a leader sends again until all have everything (section 5.3).
pub(super) fn lost_replies(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        let leader = script.elect_any()?;
        let term = script.term(leader);
        script.lose(appends().replies());
        for command in ["one", "two", "three"] {
            script.start(leader, command)?;
            script.watch(Duration::from_millis(60));
        }
        script.pass(appends().replies());
        script.lose(appends());
        for command in ["four", "five", "six"] {
            script.start(leader, command)?;
            script.watch(Duration::from_millis(60));
        }
        script.pass(appends());
        script.must(
            AGREEMENT,
            "all servers apply indexes 1 to 6 once messages arrive again",
            || script.cluster.applied_by(6) == 3 || script.term(leader) > term,
        );
        Ok(())
    });
    play(run, Cast::of(3), refusals_are_lost)
}

/// A follower hears from its leader, and does not stand, although it cannot take the entries yet and its refusals are lost
/// (Figure 2, Rules for Followers). This is looked at in virtual time only.
fn refusals_are_lost(script: &Script<'_>) -> Result<(), Chance> {
    let old = script.elect_any()?;
    let [one, behind] = script.others(old);
    script.start(old, "for all")?;
    script.await_applied(1, 3)?;
    script.cut_off(behind);
    for command in ["for two", "for these two, too"] {
        script.start(old, command)?;
    }
    script.await_applied(3, 2)?;
    let leader = script.elect_among(&[old, one])?;
    script.lose(appends().replies().from(behind));
    script.pass(appends().from(leader));
    script.await_passed(appends().from(leader).to(behind), 1)?;
    script.watch(Duration::from_millis(20));
    let follows = script.term(behind) <= script.term(leader);
    Chance::unless(follows, "the follower is in no newer term than the new leader")?;
    let asked = script.asked(behind);
    let heard = || script.passed(&appends().from(leader).to(behind));
    let (mut messages, mut last_heard) = (heard(), Instant::now());
    let stands = script.happens(CALM, || {
        if heard() > messages {
            (messages, last_heard) = (heard(), Instant::now());
        }
        let has_asked = script.asked(behind) > asked;
        sim::is_active() && script.leads(leader) && has_asked
    });
    let pause = last_heard.elapsed();
    let seen = format!(
        "server {behind} stands {} ms after it has heard from server {leader} last",
        pause.as_millis()
    );
    expect(
        !stands || pause < SHORTEST_TIMEOUT,
        format_args!(
            "server {leader}, which leads, sends heartbeats to server {behind} as to any other, although none of its \
             calls there is answered (Figure 2, Rules for Leaders)"
        ),
        &seen,
    );
    expect(
        !stands,
        format_args!(
            "server {behind} does not stand while it hears from server {leader}, which leads: its entries do not fit \
             yet, and the refusals are lost (Figure 2, Rules for Followers)"
        ),
        &seen,
    );
    Ok(())
}

/// Waits until one of these messages is held that holds a command, and returns it.
fn await_command(
    script: &Script<'_>,
    sent: &Messages,
    command: &str,
) -> Result<HeldMessage, Chance> {
    let step = format!("{command:?} is sent");
    let mut request = None;
    script.wait(&step, || {
        request = script.held(sent).into_iter().find(|message| holds(message, command));
        request.is_some()
    })?;
    request.ok_or_else(|| Chance::prevented(step))
}

fn holds(message: &HeldMessage, command: &str) -> bool {
    memmem::find(&message.bytes, command.as_bytes()).is_some()
}
