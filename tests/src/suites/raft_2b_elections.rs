//! 2B, continued: whose log may lead.

use std::time::Duration;

use super::raft_2a_timers::{REQUESTS, expect_stands};
use super::script::{Cast, Chance, Script, VoteRequest, appends, play, requests, votes};
use crate::case::{Run, Summary};

/// How long a candidate that must not win asks for votes.
const CAMPAIGN: Duration = Duration::from_secs(3);

/// Longer than it takes a leader to send to its followers again.
const HEARTBEATS: Duration = Duration::from_millis(400);

/// A server whose log is shorter gets no vote, in whatever term it asks (section 5.4.1).
pub(super) fn shorter_log(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        let leader = script.elect_any()?;
        let [voter, behind] = script.others(leader);
        script.start(leader, "for all")?;
        script.await_applied(1, 3)?;
        script.lose(requests().to(behind));
        script.start(leader, "for two")?;
        script.await_applied(2, 2)?;
        never_elected(script, behind, voter, "whose log ends at index 1, not at 2");
        Ok(())
    })
}

/// A server whose last entry is of an older term gets no vote, however long its log (section 5.4.1).
pub(super) fn older_log(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        let old = script.elect_any()?;
        script.lose(requests());
        for command in ["lost 1", "lost 2", "lost 3"] {
            script.start(old, command)?;
        }
        let others: [usize; 2] = script.others(old);
        let new = script.elect_among(&others)?;
        let voter = if others[0] == new { others[1] } else { others[0] };
        script.pass(appends().from(new).to(voter));
        script.start(new, "kept")?;
        script.await_applied(1, 2)?;
        // It learns that its term is over, and nothing else.
        script.pass(appends().from(old).to(voter));
        script.wait("the old leader gives up", || !script.leads(old))?;
        never_elected(script, old, voter, "whose longer log ends with an entry of an older term");
        Ok(())
    })
}

/// Lets a server ask another one for its vote, in terms that are new to that one. It must not be elected.
fn never_elected(script: &Script<'_>, candidate: usize, voter: usize, why: &str) {
    script.get_ahead(candidate, &[voter]);
    script.lose(requests());
    script.pass(votes().from(candidate).to(voter));
    script.never(
        CAMPAIGN,
        &format!(
            "server {candidate}, {why}, is not elected by server {voter}: a committed entry would be lost \
             (section 5.4.1)"
        ),
        || script.leads(candidate),
    );
}

/// A server that refuses its vote, because the candidate's log is behind, has its vote still to give in that term: only a
/// vote that was granted counts (RequestVote RPC in Figure 2).
pub(super) fn refused_candidate(run: &Run) -> Summary {
    play(run, Cast::of(5), |script| {
        let leader = script.elect_any()?;
        let [behind, current @ ..]: [usize; 4] = script.others(leader);
        script.lose(requests().to(behind));
        script.start(leader, "not for all")?;
        script.await_applied(1, 4)?;
        script.lose(appends());
        let step = "a server with an old log and one with a newer log stand in the same term";
        let held =
            script.hold_elections(step, |requests| find_rivals(requests, behind).is_some())?;
        let Some((refused, winner)) = find_rivals(&held, behind) else {
            return Err(Chance::prevented(step.to_owned()));
        };
        let voters: Vec<usize> = current
            .into_iter()
            .chain([leader])
            .filter(|voter| {
                let asked = |request: &VoteRequest| request.to == *voter;
                refused.iter().any(asked) && winner.iter().any(asked)
            })
            .collect();
        let (candidate, term) = (winner[0].from, winner[0].term);
        let have_votes = || {
            let stood = |voter: &usize| !script.held(&votes().from(*voter)).is_empty();
            let open = voters.iter().filter(|voter| !stood(voter) && script.term(**voter) <= term);
            open.count() >= 2 && script.term(candidate) == term
        };
        let step = "two voters have not stood in the term of both candidates";
        Chance::unless(have_votes(), step)?;
        let release = |requests: &[VoteRequest]| {
            let to_voters = requests.iter().filter(|request| voters.contains(&request.to));
            to_voters.for_each(|request| script.release_vote(request));
        };
        release(&refused);
        script.watch(Duration::from_millis(5));
        Chance::unless(have_votes(), step)?;
        release(&winner);
        script.must_soon(
            &format!(
                "server {candidate} is elected in term {term} by servers {voters:?}, which have refused server {behind} \
                 before, because its log is behind: only a vote that was granted counts (RequestVote RPC in Figure 2)"
            ),
            || script.leads(candidate) || !have_votes(),
        );
        Chance::unless(script.leads(candidate), step)
    })
}

/// The requests of a server, and those of another one, in the newest term in which that server has asked.
fn find_rivals(
    requests: &[VoteRequest],
    behind: usize,
) -> Option<(Vec<VoteRequest>, Vec<VoteRequest>)> {
    let term = requests.iter().filter(|request| request.from == behind).map(|it| it.term).max()?;
    let of = |from: usize| -> Vec<VoteRequest> {
        let own = requests.iter().filter(|request| (request.from, request.term) == (from, term));
        own.copied().collect()
    };
    let rival = requests.iter().find(|request| request.from != behind && request.term == term)?;
    let (refused, winner) = (of(behind), of(rival.from));
    // Each asks the four others.
    (refused.len() == 4 && winner.len() == 4).then_some((refused, winner))
}

/// Servers whose logs are behind ask for votes again and again. To refuse them does not restart a timer, or nobody
/// would ever lead (section 5.2).
pub(super) fn stale_requests(run: &Run) -> Summary {
    play(run, Cast::of(5), |script| {
        let leader = script.elect_any()?;
        let [current, stale @ ..]: [usize; 4] = script.others(leader);
        script.lose(requests().to(stale));
        script.start(leader, "not for all")?;
        script.watch(HEARTBEATS);
        let is_stale =
            |request: &&VoteRequest| request.to == current && stale.contains(&request.from);
        let step = "servers with old logs stand again and again";
        let requests = script.hold_elections(step, |requests| {
            requests.iter().filter(is_stale).count() >= REQUESTS
        })?;
        let mut refused: Vec<VoteRequest> = requests.iter().filter(is_stale).copied().collect();
        refused.sort_by_key(|request| request.term);
        script.lose(appends());
        expect_stands(script, current, &refused, "because its own log is newer");
        Ok(())
    })
}
