//! 2B, continued: logs that differ.

use super::log_steps::{AGREEMENT, HEARTBEATS, leader_with_tail};
use super::script::{Cast, Chance, Script, appends, play, replies, requests, votes};
use crate::case::{Run, Summary};

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
    script.cut_off(old);
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
