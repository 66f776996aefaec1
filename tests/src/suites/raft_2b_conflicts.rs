//! 2B, continued: logs that differ, and messages that come late or twice.

use std::time::Duration;

use memchr::memmem;

use super::expect::expect;
use super::script::{Cast, Chance, Script, appends, play, replies, requests, votes};
use crate::case::{Run, Summary};

/// How long connected servers may take until they agree.
const AGREEMENT: Duration = Duration::from_secs(10);

/// Longer than it takes a leader to send to its followers again.
const HEARTBEATS: Duration = Duration::from_millis(400);

/// Logs differ from their very first entry on, and nothing is committed yet (section 5.3).
pub(super) fn first_entries(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        let old = script.elect_any()?;
        script.lose(requests());
        for command in ["old 1", "old 2", "old 3"] {
            script.start(old, command)?;
        }
        let new = script.elect_among(&script.others::<2>(old))?;
        let third = (0..3).find(|server| ![old, new].contains(server)).unwrap_or_default();
        script.start(new, "new 1")?;
        // Someone who cannot win tells it of a newer term: so it is elected once more, with its entry.
        script.pass(votes().from([old, third]).to(new));
        script.wait("the leader is deposed", || !script.leads(new))?;
        script.elect(new, &[old, third])?;
        script.pass(requests());
        script.cluster.one_with_retry("new 2", 3);
        Ok(())
    })
}

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
    late.iter().for_each(|reply| _ = script.cluster.network().release(reply.id));
    script.watch(Duration::from_millis(5));
    script.hold(sent.clone());
    script.start(leader, THIRD)?;
    let holds = |bytes: &[u8], command: &str| memmem::find(bytes, command.as_bytes()).is_some();
    let mut request = None;
    script.wait("the leader sends the third command", || {
        request = script.held(&sent).into_iter().find(|message| holds(&message.bytes, THIRD));
        request.is_some()
    })?;
    Chance::unless(script.leads(leader), "the leader stays")?;
    expect(
        request.is_some_and(|message| !holds(&message.bytes, SECOND)),
        format_args!(
            "server {leader} sends index {} to server {follower} once: that has acknowledged it, and a late \
             acknowledgement of index 1 changes nothing (Figure 2, nextIndex)",
            second.index
        ),
        "it sends it again with the next command",
    );
    Ok(())
}

/// A leader that has committed index 1 with the two others, and then accepts so many commands that nobody hears of. No
/// request passes afterwards. Returns it and the others.
fn leader_with_tail(script: &Script<'_>, commands: usize) -> Result<(usize, [usize; 2]), Chance> {
    let leader = script.elect_any()?;
    script.start(leader, "common")?;
    script.await_applied(1, 3)?;
    script.lose(requests());
    for number in 1..=commands {
        script.start(leader, &format!("tail {number}"))?;
    }
    Ok((leader, script.others(leader)))
}

/// The same for a follower with a tail of its own: an acknowledgement is not of the whole log of the follower.
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

/// A follower with a tail of its own commits no more of it than its leader has checked (Figure 2, AppendEntries, step
/// 5). The ledger fails the test if it applies its tail.
pub(super) fn old_tail(run: &Run) -> Summary {
    play(run, Cast::of(3).times(2), |script| {
        let (_, others) = leader_with_tail(script, 3)?;
        let leader = script.elect_among(&others)?;
        script.pass(requests().from(others).to(others));
        for command in ["new 1", "new 2"] {
            script.start(leader, command)?;
        }
        script.await_applied(3, 2)?;
        script.lose(votes());
        script.pass(appends());
        script.watch(HEARTBEATS);
        script.pass(requests());
        script.cluster.one_with_retry("last", 3);
        Ok(())
    });
    play(run, Cast::of(3), shorter_tail);
    play(run, Cast::of(3).times(2), newer_tail)
}

/// The tail ends before the entries of the leader begin, so that the leader asks first about an index that the follower
/// does not have.
fn shorter_tail(script: &Script<'_>) -> Result<(), Chance> {
    let (old, others) = leader_with_tail(script, 2)?;
    let leader = script.elect_among(&others)?;
    let third = 3 - old - leader;
    script.pass(requests().from(others).to(others));
    let mut last = 0;
    for number in 1..=5 {
        last = script.start(leader, &format!("new {number}"))?.index;
    }
    script.await_applied(last, 2)?;
    script.elect(third, &[leader])?;
    script.pass(appends().from(third));
    script.watch(HEARTBEATS);
    script.pass(requests());
    script.cluster.one_with_retry("last", 3);
    Ok(())
}

/// The tail is of a newer term than the leader's entries at the same indexes, and longer. It gives way nevertheless
/// (Figure 2, AppendEntries, step 3).
fn newer_tail(script: &Script<'_>) -> Result<(), Chance> {
    let (leader, others) = leader_with_tail(script, 4)?;
    let newer = script.elect_among(&others)?;
    for number in 1..=6 {
        script.start(newer, &format!("newer {number}"))?;
    }
    let third = 3 - leader - newer;
    // Someone who cannot win tells the old leader of a newer term, so that it stands again.
    script.pass(votes().from(third).to(leader));
    script.wait("the old leader is deposed", || !script.leads(leader))?;
    let term = script.elect(leader, &[third])?;
    script.lose(votes());
    script.pass(appends().from(leader));
    script.start(leader, "last")?;
    let is_done = || script.cluster.applied_by(6) == 3;
    script.must(
        AGREEMENT,
        &format!(
            "all servers apply indexes 2 to 6 of server {leader}, which leads: the entries of server {newer} there are \
             of a newer term, but not committed, so they go (AppendEntries, step 3 in Figure 2)"
        ),
        || is_done() || script.term(leader) > term,
    );
    Chance::unless(is_done(), "the leader stays")
}

/// Has these servers go on alone, and then all of them.
pub(super) fn go_on_with(
    script: &Script<'_>,
    others: &[usize],
    command: &str,
) -> Result<(), Chance> {
    let leader = script.elect_among(others)?;
    script.lose(requests());
    script.pass(requests().from(others).to(others));
    let started = script.start(leader, command)?;
    script.await_applied(started.index, 2)?;
    script.pass(requests());
    script.cluster.one_with_retry("all of them have this again", script.cluster.size());
    Ok(())
}

/// When the replies to a leader arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Replies {
    AtOnce,
    /// After it has lost its office and was elected again.
    InItsNextOffice,
}

/// A leader that is elected again knows nothing of its followers' logs (Figure 2, volatile state on leaders): they
/// have changed meanwhile, and what they have acknowledged in an older term counts no more.
pub(super) fn elected_again(run: &Run) -> Summary {
    play(run, Cast::of(5), |script| lead_twice(script, Replies::AtOnce));
    play(run, Cast::of(5), |script| lead_twice(script, Replies::InItsNextOffice));
    play(run, Cast::of(3), lead_with_fewer_commits)
}

/// A new leader need not know what is committed (section 5.4.2): a follower that knows more takes its entries all the
/// same.
fn lead_with_fewer_commits(script: &Script<'_>) -> Result<(), Chance> {
    let old = script.elect_any()?;
    let [knows, new] = script.others(old);
    script.hold(appends().from(old));
    let first = script.start(old, "the new leader does not know that this is committed")?;
    for follower in [knows, new] {
        script.await_held(appends().from(old).to(follower))?;
    }
    script.release(appends().from(old));
    script.await_applied(first.index, 1)?;
    script.lose(requests().to(new));
    script.pass(appends().from(old).to(knows));
    script.await_applied(first.index, 2)?;
    script.lose(requests().from(old));
    script.lose(requests().to(old));
    let term = script.elect(new, &[knows])?;
    let is_behind = script.cluster.last_applied(new) < first.index;
    Chance::unless(is_behind, "the new leader does not hear of the commit")?;
    script.pass(requests().from([new, knows]).to([new, knows]));
    let next = script.start(new, "the next one")?;
    let is_done = || script.cluster.applied_by(next.index) == 2;
    script.must(
        AGREEMENT,
        &format!(
            "servers {new} and {knows} apply index {}: server {knows} takes the entries of server {new}, its leader, \
             although it knew of more commits than that one (section 5.4.2)",
            next.index
        ),
        || is_done() || script.term(new) > term,
    );
    Chance::unless(is_done(), "the new leader stays")
}

fn lead_twice(script: &Script<'_>, when: Replies) -> Result<(), Chance> {
    let first = script.elect_any()?;
    let [changed, rest @ ..]: [usize; 4] = script.others(first);
    let sent = appends().from(first).to(changed);
    script.lose(requests());
    script.pass(sent.clone());
    if when == Replies::InItsNextOffice {
        script.hold(sent.clone().replies());
    }
    for command in ["lost 1", "lost 2", "lost 3"] {
        script.start(first, command)?;
    }
    script.watch(HEARTBEATS);
    let second = script.elect_among(&rest)?;
    script.pass(appends().from(second));
    let kept = script.start(second, "kept")?;
    script.await_applied(kept.index, 5)?;

    script.elect(first, &script.others::<4>(first))?;
    script.pass(appends().from(first).to(second));
    let next = script.start(first, "next 1")?;
    script.start(first, "next 2")?;
    script.release(sent.replies());
    script.never(
        HEARTBEATS,
        &format!(
            "index {} is not committed: since server {first} was elected again, only server {second} has \
             acknowledged it (Figure 2, matchIndex)",
            next.index
        ),
        || script.cluster.applied_by(next.index) > 0,
    );
    script.pass(replies());
    script.pass(requests());
    script.cluster.one_with_retry("last", 5);
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
    let mut with_entry = None;
    script.wait("the leader sends the entry", || {
        let holds = |bytes: &[u8]| memmem::find(bytes, COMMAND.as_bytes()).is_some();
        with_entry = script.held(&sent).into_iter().find(|message| holds(&message.bytes));
        with_entry.is_some()
    })?;
    let request = with_entry.ok_or_else(|| Chance::prevented("the entry is sent".to_owned()))?;
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

/// How long a follower hears from a leader whose entries do not fit. Meanwhile a timer that nothing restarts runs out.
const CALM: Duration = Duration::from_secs(3);

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
    let follows = script.term(behind) <= script.term(leader);
    Chance::unless(follows, "the follower is in no newer term than the new leader")?;
    script.lose(appends().replies().from(behind));
    script.pass(appends().from(leader));
    script.await_passed(appends().from(leader).to(behind), 1)?;
    script.watch(Duration::from_millis(20));
    let asked = script.lost(&votes().from(behind));
    script.never(
        CALM,
        &format!(
            "server {behind} does not stand while it hears from server {leader}, which leads: its entries do not fit \
             yet, and the refusals are lost (Figure 2, Rules for Followers)"
        ),
        || {
            let stands = script.lost(&votes().from(behind)) > asked;
            sim::is_active() && script.leads(leader) && stands
        },
    );
    Ok(())
}
