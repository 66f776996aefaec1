//! 2A, continued: who may vote for whom, decided message by message.

use std::cell::Cell;
use std::time::Duration;

use super::expect::expect;
use super::script::{Cast, Chance, Script, VoteRequest, appends, play, requests, votes};
use crate::case::{Run, Summary};

/// How long a scene waits for what a wrong vote leads to.
const MOMENT: Duration = Duration::from_millis(150);

/// Two candidates in one term, and the server whose vote decides.
struct Duel {
    first: VoteRequest,
    second: VoteRequest,
    /// The second candidate's request to the first one.
    challenge: VoteRequest,
}

/// Waits until two of three servers stand in the same term, and none has got a request.
fn duel(script: &Script<'_>) -> Result<Duel, Chance> {
    script.lose(appends());
    let step = "two servers stand in the same term";
    let mut requests = script.hold_elections(step, |requests| find_duel(requests).is_some())?;
    // What is found first is the newest.
    requests.reverse();
    find_duel(&requests).ok_or_else(|| Chance(step.to_owned()))
}

fn find_duel(requests: &[VoteRequest]) -> Option<Duel> {
    let pairs = requests.iter().flat_map(|one| requests.iter().map(move |other| (*one, *other)));
    let mut duels = pairs.filter(|(first, second)| {
        first.to == second.to && first.from != second.from && first.term == second.term
    });
    let (first, second) = duels.next()?;
    let challenge = requests.iter().find(|request| {
        (request.from, request.to, request.term) == (second.from, first.from, second.term)
    });
    Some(Duel { first, second, challenge: *challenge? })
}

/// A server votes for at most one candidate in a term (section 5.2), whatever it hears in between. The watch over
/// elections fails the test if both candidates lead.
pub(super) fn one_vote_a_term(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        let duel = duel(script)?;
        elect_first(script, &duel)?;
        elect_second(script, &duel)
    });
    play(run, Cast::of(3).times(2), |script| {
        let duel = duel(script)?;
        elect_first(script, &duel)?;
        // The voter hears from its leader in between.
        let heartbeats = appends().from(duel.first.from).to(duel.first.to);
        script.pass(heartbeats.clone());
        script.await_passed(heartbeats.replies(), 1)?;
        elect_second(script, &duel)
    })
}

/// Has the first candidate lead by the vote of the voter.
fn elect_first(script: &Script<'_>, duel: &Duel) -> Result<(), Chance> {
    script.release_vote(&duel.first);
    let elected = script.happens(MOMENT, || script.leads(duel.first.from));
    Chance::unless(elected, "the first candidate that asks is elected")
}

/// Lets the second candidate ask the others, while it is in the same term.
fn elect_second(script: &Script<'_>, duel: &Duel) -> Result<(), Chance> {
    script.release_vote(&duel.second);
    script.release_vote(&duel.challenge);
    script.watch(MOMENT);
    let stands = script.term(duel.second.from) == duel.second.term;
    Chance::unless(stands, "two servers stand in the same term until both have asked")
}

/// A request for a vote that comes late, when the voter is in a newer term, gets no vote and changes nothing
/// (Figure 2, RequestVote, step 1).
pub(super) fn late_request(run: &Run) -> Summary {
    play(run, Cast::of(3).times(3), |script| {
        script.lose(appends());
        let step = "a server stands in a term, another one stood in the term before";
        let held = script.hold_elections(step, |requests| find_late(requests).is_some())?;
        let (winner, late) = find_late(&held).ok_or_else(|| Chance(step.to_owned()))?;
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

/// A server whose first election comes to nothing stands again (Figure 2, Rules for Candidates).
pub(super) fn stands_again(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        script.lose(requests());
        script.watch(Duration::from_millis(3_000));
        script.pass(requests());
        script.must(
            Duration::from_secs(5),
            "candidates that nobody has heard stand again: one of three \
            servers leads 5 s after their messages arrive",
            || (0..3).any(|server| script.leads(server)),
        );
        Ok(())
    })
}

/// A server that has no vote in a term gives it to the first candidate that asks, even if the request is what
/// tells it of the term (Figure 2, RequestVote, step 2). A server may refuse because it has just heard from a
/// leader; so one vote of three will do.
pub(super) fn newer_term_gets_vote(run: &Run) -> Summary {
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
