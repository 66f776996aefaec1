//! 2A, continued: who may vote for whom, decided message by message.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::expect::expect;
use super::script::{Cast, Chance, Script, VoteRequest, appends, play, votes};
use super::vote_steps::{Duel, MOMENT, SILENCE, hold_first_election, must_win};
use crate::case::{Run, Summary};

/// Longer than any election timeout.
pub(super) const STEADY: Duration = Duration::from_secs(2);

/// A server votes for at most one candidate in a term (section 5.2), whatever it hears in between, and the candidate that
/// it has elected stays. The watch over elections fails the test if both candidates lead. Who is refused one vote may
/// still win by the others.
pub(super) fn one_vote_a_term(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        hold_first_election(script)?;
        Duel::two_candidates(script)?.elect_refused(script)
    });
    play(run, Cast::of(3), |script| {
        hold_first_election(script)?;
        Duel::two_candidates_reversed(script)?.elect_refused(script)
    });
    play(run, Cast::of(3), |script| {
        let duel = Duel::two_candidates(script)?;
        duel.elect_first(script)?;
        duel.elect_second(script)
    });
    play(run, Cast::of(3).times(2), |script| {
        let duel = Duel::two_candidates(script)?;
        duel.elect_first(script)?;
        // The voter hears from its leader in between.
        let heartbeats = appends().from(duel.first.from).to(duel.first.to);
        script.pass(heartbeats.clone());
        script.await_passed(heartbeats.replies(), 1)?;
        duel.elect_second(script)
    })
}

/// A request for a vote arrives twice, and the first reply is lost. The second one grants the vote, too (RequestVote RPC in
/// Figure 2: `votedFor` is null or the candidate).
pub(super) fn asked_twice(run: &Run) -> Summary {
    play(run, Cast::of(3).times(2), |script| {
        hold_first_election(script)?;
        let Duel { first, .. } = Duel::one_candidate(script)?;
        let VoteRequest { from: candidate, to: voter, term, .. } = first;
        script.hold(votes().replies().from(voter).to(candidate));
        script.release_vote_twice(&first);
        let step = "two replies to a request for a vote are on their way";
        script.wait(step, || script.held_replies_to(&first).len() == 2)?;
        let stands =
            || script.term(candidate) == term && script.held(&votes().from(voter)).is_empty();
        Chance::unless(stands(), "the voter has not stood itself")?;
        script.cluster.network().release(script.held_replies_to(&first)[1]);
        script.must_soon(
            &format!(
                "server {candidate} is elected in term {term}: server {voter} has voted for it, and grants the vote again \
                 when the request arrives twice and the first reply does not (RequestVote RPC in Figure 2)"
            ),
            || script.leads(candidate) || !stands(),
        );
        Chance::unless(script.leads(candidate), "a candidate stands until it has a reply")
    })
}

/// A candidate that has lost follows the leader of its term (Figure 2, Rules for Candidates), and stands no more
/// while it hears from it.
pub(super) fn loser_follows(run: &Run) -> Summary {
    play(run, Cast::of(3).times(2), |script| {
        let duel = Duel::two_candidates(script)?;
        duel.elect_first(script)?;
        let Some([to_voter, _]) = duel.second else {
            return Err(Chance::prevented("two servers stand".to_owned()));
        };
        let (leader, loser) = (duel.first.from, to_voter.from);
        script.pass(appends().from(leader));
        script.await_passed(appends().from(leader).to(loser).replies(), 1)?;
        let same = script.term(loser) == duel.first.term;
        Chance::unless(same, "two servers stand in the same term until one hears from the other")?;
        script.lose(votes());
        let asked = script.asked(loser);
        script.never(
            STEADY,
            &format!(
                "server {loser}, a candidate, follows server {leader} once it hears that server {leader} leads \
                 its term {} (Figure 2, Rules for Candidates)",
                duel.first.term
            ),
            // Another server may depose the leader, and then the loser stands with good reason.
            || script.leads(leader) && script.asked(loser) > asked,
        );
        Ok(())
    })
}

/// A request for a vote that comes late, when the voter is in a newer term, gets no vote and changes nothing
/// (Figure 2, RequestVote, step 1).
pub(super) fn late_request(run: &Run) -> Summary {
    play(run, Cast::of(3).times(2), late_request_takes_no_vote);
    play(run, Cast::of(3).times(3), |script| {
        script.lose(appends());
        let step = "a server stands in a term, another one stood in the term before";
        let held = script.hold_elections(step, |requests| find_late(requests).is_some())?;
        let (winner, late) = find_late(&held).ok_or_else(|| Chance::prevented(step.to_owned()))?;
        let next = script.term(late.from) < winner.term;
        Chance::unless(next && script.term(winner.to) < winner.term, "the others are behind")?;
        script.release_vote(&winner);
        let elected = script.happens(MOMENT, || script.leads(winner.from));
        Chance::unless(elected, "the candidate of the newer term is elected")?;

        // The late candidate must not hear of the newer term, or it would pass it by.
        script.lose(votes().replies().to(late.from));
        script.release_vote(&late);
        script.watch(Duration::from_millis(5));
        script.pass(votes().replies());
        script.pass(votes().from(late.from).to(late.to));
        let stands = || script.term(late.from) >= winner.term;
        script.wait("the late candidate stands in the newer term", stands)?;
        let same = script.term(late.from) == winner.term && script.leads(winner.from);
        script.watch(MOMENT);
        Chance::unless(same, "the late candidate stands in the newer term")
    })
}

/// A server that has learned of a newer term by a reply has its vote of that term still to give. A request of the
/// older term must not take it away.
fn late_request_takes_no_vote(script: &Script<'_>) -> Result<(), Chance> {
    hold_first_election(script)?;
    let step =
        "a server with a newer term is asked by another one, which a third one has asked before";
    let held = script.hold_elections(step, |requests| find_free_voter(requests).is_some())?;
    let Some([question, late, winner]) = find_free_voter(&held) else {
        return Err(Chance::prevented(step.to_owned()));
    };
    let voter = winner.to;
    Chance::unless(script.term(voter) < winner.term, "the voter is behind")?;
    script.release_vote(&question);
    script.wait("the voter learns of the newer term", || script.term(voter) >= winner.term)?;
    script.lose(votes().replies().to(late.from));
    script.release_vote(&late);
    script.watch(Duration::from_millis(5));
    let is_free = || {
        let stands = script.held(&votes().from(voter)).len() > held_from(&held, voter);
        let same = script.term(voter) == winner.term && script.term(winner.from) == winner.term;
        same && !stands
    };
    let step = "both are in the newer term, and the voter has not stood in it";
    Chance::unless(is_free(), step)?;
    script.release_vote(&winner);
    script.must_soon(
        &format!(
            "server {voter}, which has no vote in term {}, votes for server {}, although a request of an older \
             term came before (Figure 2, RequestVote, step 1)",
            winner.term, winner.from
        ),
        || script.leads(winner.from) || !is_free(),
    );
    Chance::unless(script.leads(winner.from), step)
}

/// How many of these requests a server has sent that have not been released.
fn held_from(requests: &[VoteRequest], server: usize) -> usize {
    // One of its requests is the question.
    requests.iter().filter(|request| request.from == server).count() - 1
}

/// The newest request, before it one of its recipient's requests to its sender, of an older term, and one of the
/// third server's requests to the same recipient, of an older term.
fn find_free_voter(requests: &[VoteRequest]) -> Option<[VoteRequest; 3]> {
    let newest = requests.iter().max_by_key(|request| request.term)?.term;
    let winners = requests.iter().filter(|request| request.term == newest);
    winners
        .flat_map(|winner| {
            let third = 3 - winner.from - winner.to;
            let older = |from, to| {
                requests.iter().rfind(|request| {
                    request.from == from && request.to == to && request.term < newest
                })
            };
            Some([*older(winner.to, winner.from)?, *older(third, winner.to)?, *winner])
        })
        .next()
}

/// Two requests to the same server: one of some term, and one of the term before, from another candidate.
fn find_late(requests: &[VoteRequest]) -> Option<(VoteRequest, VoteRequest)> {
    let newest = requests.iter().max_by_key(|request| request.term)?;
    let mut others = requests.iter().filter(|request| {
        request.from != newest.from && request.to != newest.from && request.term + 1 == newest.term
    });
    let late = others.next()?;
    let winner = requests.iter().find(|request| {
        (request.from, request.to, request.term) == (newest.from, late.to, newest.term)
    });
    Some((*winner?, *late))
}

/// A server that has no vote in a term gives it to the first candidate that asks, even if the request is what
/// tells it of the term (Figure 2, RequestVote, step 2). A server may refuse because it has just heard from a
/// leader; so one vote of three will do.
pub(super) fn newer_term_gets_vote(run: &Run) -> Summary {
    play(run, Cast::of(3), candidate_votes);
    play(run, Cast::of(3), leader_votes);
    let (asked, given) = (Cell::new(0), Cell::new(false));
    let summary = play(run, Cast::of(3).times(3), |script| {
        let leader = script.elect_any()?;
        script.watch(Duration::from_millis(300));
        let [candidate, voter] = script.others(leader);
        let before = script.term(leader);
        script.lose(appends());
        script.lose(votes());
        let term = script.hold_vote_request(candidate, voter, before)?;
        Chance::unless(script.term(voter) < term, "the voter has not heard of the new term")?;
        script.release(votes().from(candidate).to(voter));
        asked.set(asked.get() + 1);
        given.set(given.get() || script.happens(MOMENT, || script.leads(candidate)));
        Ok(())
    });
    expect(
        given.get() || asked.get() < 3,
        "a server votes for the first candidate that asks it in a newer term, whomever it has voted for in an \
         older one (Figure 2, RequestVote, step 2)",
        "in three of three clusters the candidate asked and was not elected",
    );
    summary
}

/// A candidate is asked by another one in a newer term.
fn candidate_votes(script: &Script<'_>) -> Result<(), Chance> {
    hold_first_election(script)?;
    let step = "a server that has stood is asked for its vote in a newer term";
    let requests =
        script.hold_elections(step, |requests| asked_as_candidate(requests).is_some())?;
    let request =
        asked_as_candidate(&requests).ok_or_else(|| Chance::prevented(step.to_owned()))?;
    must_get_vote(script, &request, "a candidate of an older term")
}

/// The newest request, if it is to a server that has stood in an older term, and in no newer one.
fn asked_as_candidate(requests: &[VoteRequest]) -> Option<VoteRequest> {
    let newest = requests.last()?;
    let stood = requests.iter().filter(|request| request.from == newest.to);
    let last = stood.map(|request| request.term).max()?;
    (last < newest.term).then_some(*newest)
}

/// A leader that has heard from nobody for 3 s is asked in a newer term. It may have given up by then.
fn leader_votes(script: &Script<'_>) -> Result<(), Chance> {
    let leader = script.elect_any()?;
    script.lose(appends());
    let begun = Instant::now();
    let step = "a leader that nobody answers is asked for its vote in a newer term";
    let requests = script.hold_elections(step, |requests| {
        let is_to_leader = |request: &VoteRequest| request.to == leader;
        begun.elapsed() > SILENCE && requests.last().is_some_and(is_to_leader)
    })?;
    let request = requests.last().ok_or_else(|| Chance::prevented(step.to_owned()))?;
    must_get_vote(script, request, "a leader of an older term, which has heard from nobody for 3 s")
}

/// In a newer term a server is a follower, whatever it was before, and its vote is free.
fn must_get_vote(script: &Script<'_>, request: &VoteRequest, what: &str) -> Result<(), Chance> {
    let VoteRequest { from: candidate, to: voter, term, .. } = *request;
    must_win(
        script,
        request,
        &format!(
            "server {voter}, {what}, votes for server {candidate}, which asks it in term {term}: in a newer term it is a \
             follower, and its vote is free (Figure 2, Rules for All Servers)"
        ),
    )
}
