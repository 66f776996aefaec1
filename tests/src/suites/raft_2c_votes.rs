//! 2C, continued: a vote is on the disk before its candidate hears of it (Figure 2, persistent state on all servers).

use super::script::{Cast, Chance, Script, VoteRequest, appends, play, votes};
use super::vote_steps::{Duel, MOMENT};
use crate::case::{Run, Summary};

/// When the server whose vote decides restarts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Crash {
    /// Right after its reply has left.
    AtReply,
    /// Once its candidate leads.
    Later,
}

/// A server votes, restarts, and is asked for its vote in the same term by another candidate (section 5.2, and
/// votedFor in Figure 2). The watch over elections fails the test if both candidates lead.
pub(super) fn vote_survives_restart(run: &Run) -> Summary {
    for crash in [Crash::AtReply, Crash::Later] {
        play(run, Cast::of(3), |script| {
            let duel = Duel::one_candidate(script)?;
            vote_and_restart(script, &duel, crash)
        });
    }
    play(run, Cast::of(3), |script| {
        let duel = Duel::one_candidate(script)?;
        duel.elect_first(script)?;
        // The candidate's vote is its own.
        ask_restarted(script, duel.first.from, &duel)
    });
    play(run, Cast::of(3), second_candidacy)
}

/// A candidate that nobody has answered stands again, is elected, and restarts. The watch over elections fails the test if
/// it does not know the second term any more.
fn second_candidacy(script: &Script<'_>) -> Result<(), Chance> {
    script.lose(appends());
    let step = "a server stands again, in a term in which no other stands";
    let requests = script.hold_elections(step, |requests| stood_again(requests).is_some())?;
    let request = stood_again(&requests).ok_or_else(|| Chance::prevented(step.to_owned()))?;
    script.release_vote(&request);
    let elected = script.happens(MOMENT, || script.leads(request.from));
    Chance::unless(elected, "the candidate that stands again is elected")?;
    script.cluster.restart_connected(request.from);
    script.watch(MOMENT);
    Ok(())
}

/// The newest request, if its candidate has stood in an older term, and no other one stands in the new one.
fn stood_again(requests: &[VoteRequest]) -> Option<VoteRequest> {
    let newest = *requests.last()?;
    let is_own = |request: &&VoteRequest| request.from == newest.from;
    let has_stood = requests.iter().filter(is_own).any(|own| own.term < newest.term);
    let is_alone = requests.iter().all(|other| is_own(&other) || other.term < newest.term);
    (has_stood && is_alone).then_some(newest)
}

/// The same for votes that are easily taken for none, and for one in a term that is not new.
pub(super) fn any_vote_survives(run: &Run) -> Summary {
    // No number of a server may stand for no vote.
    for number in [0, 2] {
        play(run, Cast::of(3), |script| {
            let duel = Duel::one_candidate(script)?;
            let meant = duel.first.from == number;
            Chance::unless(meant, &format!("server {number} is the first to stand"))?;
            vote_and_restart(script, &duel, Crash::Later)
        });
    }
    play(run, Cast::of(3).times(2), known_term)
}

fn vote_and_restart(script: &Script<'_>, duel: &Duel, crash: Crash) -> Result<(), Chance> {
    if crash == Crash::AtReply {
        script.cluster.crash_after(duel.first.to, 1);
    }
    duel.elect_first(script)?;
    ask_restarted(script, duel.first.to, duel)
}

/// Restarts a server that has voted in the term of a duel, and has the server that has not stood yet ask it for its
/// vote in that term.
pub(super) fn ask_restarted(script: &Script<'_>, voter: usize, duel: &Duel) -> Result<(), Chance> {
    let asking = 3 - duel.first.from - duel.first.to;
    if script.leads(asking) {
        // It leads an older term, and would not stand.
        script.cluster.restart_connected(asking);
    }
    script.cluster.restart_connected(voter);
    let before = duel.first.term - 1;
    let term = script.hold_vote_request(asking, voter, before)?;
    Chance::unless(term == duel.first.term, "the third server stands in the same term")?;
    Chance::unless(script.term(voter) <= term, "the third server stands before the voter does")?;
    script.release(votes().from(asking).to(voter));
    script.watch(MOMENT);
    Ok(())
}

/// A server is in a term already when it votes in it: it has learned of the term by a reply. So the term has been saved
/// before, and the vote alone is new. The server restarts, and the other candidate of that term asks it.
fn known_term(script: &Script<'_>) -> Result<(), Chance> {
    script.lose(appends());
    let step =
        "two servers stand in a newer term than the one in which the third has asked one of them";
    let held = script.hold_elections(step, |requests| find_asked_voter(requests).is_some())?;
    let Some([question, first, second]) = find_asked_voter(&held) else {
        return Err(Chance::prevented(step.to_owned()));
    };
    let (voter, term) = (first.to, first.term);
    script.release_vote(&question);
    script.wait("the third learns of the newer term", || script.term(voter) >= term)?;
    Chance::unless(script.term(voter) == term, "the third server is in that term")?;
    script.release_vote(&first);
    let elected = script.happens(MOMENT, || script.leads(first.from));
    Chance::unless(elected, "the first candidate that asks it is elected")?;
    script.cluster.restart_connected(voter);
    let stands = script.term(second.from) == term;
    script.release_vote(&second);
    script.watch(MOMENT);
    Chance::unless(stands, "the second candidate is in the same term until it has asked")
}

/// Requests of two candidates of the newest term to the same voter, and before them one of the voter's to the first of
/// them, of an older term.
fn find_asked_voter(requests: &[VoteRequest]) -> Option<[VoteRequest; 3]> {
    let newest = requests.iter().max_by_key(|request| request.term)?.term;
    let stand =
        |from, to| requests.iter().find(|it| (it.from, it.to, it.term) == (from, to, newest));
    (0..3).find_map(|first| {
        let question = requests.iter().rfind(|it| it.to == first && it.term < newest)?;
        let voter = question.from;
        let second = 3 - first - voter;
        Some([*question, *stand(first, voter)?, *stand(second, voter)?])
    })
}
