//! 2C, continued: what must be on the disk when a message leaves (Figure 2, persistent state on all servers).

use std::time::Duration;

use protocol::Machine;

use super::expect::expect;
use super::limits::SHORTEST_TIMEOUT;
use super::log_steps::go_on_with;
use super::script::{Cast, Chance, Script, VoteRequest, appends, play, requests, votes};
use super::vote_steps::MOMENT;
use crate::case::{Run, Summary};

/// A term that a server has only heard of is saved before it answers (Figure 2). The watch over elections fails the
/// test if the server has forgotten it.
pub(super) fn term_survives_restart(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        let silent = 2;
        script.lose(votes());
        script.pass(votes().from([0, 1]).to([0, 1]));
        script.wait("a server is elected without the third one", || {
            script.leads(0) || script.leads(1)
        })?;
        let heard = appends().to(silent);
        script.await_passed(heard.clone(), 1)?;
        // If it has stood itself, it has saved the term for that.
        let has_stood = script.lost(&votes().from(silent)) > 0;
        Chance::unless(!has_stood, "the third server has only heard of the term")?;
        script.watch(Duration::from_millis(5));
        let known = script.term(silent);
        script.await_passed(heard.replies(), 2)?;
        script.watch(Duration::from_millis(5));
        script.lose(requests());
        script.cluster.restart(silent);
        expect(
            script.term(silent) >= known,
            format_args!(
                "server {silent} has saved term {known}, which it has heard of, before it answers \
                 (currentTerm in Figure 2)"
            ),
            format_args!("after a restart it is in term {}", script.term(silent)),
        );
        Ok(())
    });
    play(run, Cast::of(3), |script| {
        let old = script.elect_any()?;
        let others: [usize; 2] = script.others(old);
        script.cut_off(old);
        let new = script.elect_among(&others)?;
        let term = script.term(new);
        let (other, asked) = (3 - old - new, script.lost(&votes().from(old)));
        script.pass(appends().from(new).to(other));
        script.pass(appends().from(old));
        script.wait("the old leader learns of the newer term by a reply", || {
            script.term(old) >= term
        })?;
        script.lose(appends().from(old));
        // It answers in the term that the reply has told it of.
        script.pass(appends().from(new).to(old));
        script.await_passed(appends().from(new).to(old).replies(), 1)?;
        script.watch(Duration::from_millis(5));
        script.lose(requests());
        let has_stood = script.lost(&votes().from(old)) > asked || script.term(old) != term;
        Chance::unless(!has_stood, "the old leader does not stand again so soon")?;
        script.cluster.restart(old);
        expect(
            script.term(old) >= term,
            format_args!(
                "server {old} has saved term {term}, which a reply has told it of, before it answers in that term \
                 (currentTerm in Figure 2)"
            ),
            format_args!("after a restart it is in term {}", script.term(old)),
        );
        Ok(())
    })
}

/// A candidate saves its term before it asks for votes in it (Figure 2): it crashes right after its first message.
pub(super) fn candidate_saves_first(run: &Run) -> Summary {
    play(run, Cast::of(3).times(2), |script| {
        let candidate = 0;
        script.lose(requests());
        script.pass(votes().from(candidate));
        script.cluster.crash_after(candidate, 1);
        let crashed = || script.cluster.has_crashed_in_action(candidate);
        script.wait("the candidate asks for a vote", crashed)?;
        script.watch(Duration::from_millis(2));
        let alone = script.lost(&votes().from([1, 2])) == 0;
        Chance::unless(alone, "no other server has stood")?;
        // They can have their term from the candidate alone.
        let told = script.term(1).max(script.term(2));
        script.cluster.restart(candidate);
        let term = script.term(candidate);
        expect(
            term >= told,
            format_args!(
                "server {candidate} has saved term {told} before it asks for votes in that term (Figure 2)"
            ),
            format_args!("after a restart it is in term {term}"),
        );
        Ok(())
    })
}

/// A follower acknowledges an entry, which commits it, and crashes right after it has sent that reply. The entry must
/// survive although the leader is lost and the third server never had it: servers save before they answer
/// (Figure 2).
pub(super) fn acknowledged_is_saved(run: &Run) -> Summary {
    play(run, Cast::of(3).times(3), |script| {
        let leader = script.elect_any()?;
        let [follower, absent] = script.others(leader);
        script.start(leader, "all of them have this")?;
        script.await_applied(1, 3)?;
        script.lose(requests());
        let started = script.start(leader, "two of them have this")?;
        script.cluster.crash_after(follower, 1);
        script.pass(appends().from(leader).to(follower));
        let crashed = || script.cluster.has_crashed_in_action(follower);
        script.wait("the follower answers", crashed)?;
        // If it has answered something else, that was not an acknowledgement.
        script.wait("its answer commits the entry", || {
            script.cluster.applied_by(started.index) > 0
        })?;
        script.cluster.restart_connected(follower);
        go_on_with(script, &[follower, absent], "and the others this")
    });
    play(run, Cast::of(3).times(2), save_in_order)
}

/// A follower whose disk is slow gets several messages with entries at the same time. What it saves for one of them must
/// not take the place of what it has saved for a later one. The watch over the disks fails the test if it does.
fn save_in_order(script: &Script<'_>) -> Result<(), Chance> {
    let leader = script.elect_any()?;
    let [follower, _other] = script.others(leader);
    script.cluster.restart_on(follower, Machine { save_time: SLOW_SAVE, ..Machine::default() });
    script.start(leader, "all of them have this")?;
    script.await_applied(1, 3)?;
    let sent = appends().from(leader).to(follower);
    script.hold(sent.clone());
    for number in 0..SHORTEST_TIMEOUT.as_millis() / APART.as_millis() {
        script.start(leader, &format!("command {number}"))?;
        script.watch(APART);
    }
    script.release(sent.clone());
    script.pass(sent);
    let last = script.start(leader, "and they all have this")?;
    script.await_applied(last.index, 3)?;
    script.watch(4 * SLOW_SAVE);
    Ok(())
}

/// How long a save to a slow disk takes on average.
const SLOW_SAVE: Duration = Duration::from_millis(10);

/// How long after each other commands are started that a follower gets at the same time.
const APART: Duration = Duration::from_millis(15);

/// An entry that takes the place of another one is saved before it is acknowledged, although the log gets no longer
/// (Figure 2, persistent state). The watch over the disks fails the test if it is not.
pub(super) fn replaced_is_saved(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| replace(script, 2));
    play(run, Cast::of(3), |script| replace(script, 1))
}

/// One entry takes the place of this many.
fn replace(script: &Script<'_>, replaced: usize) -> Result<(), Chance> {
    let old = script.elect_any()?;
    let others: [usize; 2] = script.others(old);
    script.lose(requests());
    for number in 1..=replaced {
        script.start(old, &format!("replaced later {number}"))?;
    }
    let leader = script.elect_among(&others)?;
    script.pass(appends().from(leader).to(old));
    let started = script.start(leader, "takes the place of another one")?;
    script.await_applied(started.index, 1)?;
    script.cluster.restart_connected(old);
    let absent = 3 - old - leader;
    go_on_with(script, &[old, absent], "and the others this")
}

/// Term and vote are saved together: a server that has voted in a term crashes at the first save when it hears of the
/// next term, and is asked for its vote in the old one (Figure 2, persistent state). The watch over elections fails
/// the test if it votes twice in a term.
pub(super) fn saved_together(run: &Run) -> Summary {
    play(run, Cast::of(5), |script| {
        // Two servers start late, so that they can still stand in the first term.
        let late = [3, 4];
        late.iter().for_each(|server| script.crash(*server));
        script.lose(appends());
        let requests = script.hold_elections("a server stands", |requests| !requests.is_empty())?;
        let (leader, term) = (requests[0].from, requests[0].term);
        script.release(votes().from(leader));
        let elected = script.happens(MOMENT, || script.leads(leader));
        Chance::unless(elected, "the other two vote for it")?;

        let is_next = |request: &&VoteRequest| {
            request.term == term + 1 && request.to != leader && request.to < late[0]
        };
        let step = "one of its voters stands in the next term, and the other one does not yet";
        let requests =
            script.hold_elections(step, |requests| requests.iter().any(|it| is_next(&it)))?;
        let next =
            requests.iter().find(is_next).ok_or_else(|| Chance::prevented(step.to_owned()))?;
        let voter = next.to;
        Chance::unless(script.term(voter) == term, step)?;
        script.cluster.crash_after_save(voter);
        script.release_vote(next);
        script.wait("it saves", || script.cluster.has_crashed_in_action(voter))?;
        script.cluster.restart_connected(voter);
        if script.term(voter) > term {
            // It does not go back.
            return Ok(());
        }
        late.iter().for_each(|server| script.cluster.restart_connected(*server));

        let restarted = [voter, late[0], late[1]];
        let is_theirs = |request: &VoteRequest| restarted.contains(&request.from);
        let step = "a server that starts late stands in the first term, and no other one does";
        let requests = script.hold_elections(step, |requests| requests.iter().any(is_theirs))?;
        let stands = |server: usize| requests.iter().any(|request| request.from == server);
        let first = late.into_iter().filter(|server| stands(*server)).collect::<Vec<_>>();
        let [asks] = first[..] else {
            return Err(Chance::prevented(step.to_owned()));
        };
        Chance::unless(!stands(voter) && script.term(asks) == term, step)?;
        // A server in the next term would tell it of that.
        script.release(votes().from(asks).to([voter, late[0], late[1]]));
        script.watch(MOMENT);
        Ok(())
    })
}
