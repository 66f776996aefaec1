//! 2B, continued: whose log may lead.

use std::time::{Duration, Instant};

use super::log_steps::HEARTBEATS;
use super::raft_2a_timers::{MANY_ELECTIONS, REQUESTS, expect_stands, messages};
use super::script::{Cast, Chance, Script, VoteRequest, appends, play, requests, votes};
use super::vote_steps::{MOMENT, SILENCE, ask_leader};
use crate::case::{Run, Summary};

/// How long a candidate that must not win asks for votes.
const CAMPAIGN: Duration = Duration::from_secs(3);

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
    play(run, Cast::of(3), refuse_and_give_up);
    play(run, Cast::of(5), refuse_and_vote);
    play(run, Cast::of(5), vote_for_longer_log)
}

/// A leader is asked for its vote in a newer term, and refuses, since it has an entry that the candidate lacks. It gives up
/// nevertheless (Figure 2, Rules for All Servers). The watch over elections fails the test if it leads in the newer term, in
/// which nobody has voted for it.
fn refuse_and_give_up(script: &Script<'_>) -> Result<(), Chance> {
    let old = script.elect_any()?;
    let term = script.term(old);
    ask_leader(script, old);
    script.start(old, "for nobody else")?;
    // Servers that ask before they stand do not stand here.
    if script.happens(SILENCE, || script.term(old) > term) {
        script.watch(MOMENT);
    }
    Ok(())
}

/// Two servers stand in the same term, and the logs of both are longer than that of the two voters. Who has voted for the
/// first does not vote for the second as well (section 5.2). The watch over elections fails the test if both lead.
fn vote_for_longer_log(script: &Script<'_>) -> Result<(), Chance> {
    let old = script.elect_any()?;
    let [first, second, voters @ ..]: [usize; 4] = script.others(old);
    script.lose(requests().to(voters));
    script.start(old, "for three of five")?;
    script.await_applied(1, 3)?;
    script.cut_off(old);
    script.lose(appends());
    let step = "two servers stand in the same term, and the two others do not yet";
    let find = |requests: &[VoteRequest]| {
        let newest = requests.last()?.term;
        let is_new = |request: &&VoteRequest| request.term == newest;
        let of = |from: usize| {
            let own = requests.iter().filter(is_new).filter(move |request| request.from == from);
            Vec::from_iter(own.filter(|request| voters.contains(&request.to)).copied())
        };
        let have_voted = requests.iter().any(|it| it.term >= newest && voters.contains(&it.from));
        let both = [of(first), of(second)];
        (!have_voted && both.iter().all(|own| own.len() == 2)).then_some(both)
    };
    let held = script.hold_elections(step, |requests| find(requests).is_some())?;
    let [winner, loser] = find(&held).ok_or_else(|| Chance::prevented(step.to_owned()))?;
    let term = winner[0].term;
    winner.iter().for_each(|request| script.release_vote(request));
    let elected = script.happens(MOMENT, || script.leads(first));
    Chance::unless(elected && script.term(second) == term, step)?;
    loser.iter().for_each(|request| script.release_vote(request));
    script.watch(MOMENT);
    Ok(())
}

/// Two servers stand in the same term. The old leader refuses the first, whose log is behind, and then its vote and
/// another one elect the second. Three of five servers are behind, so that they stand also if they ask each other before.
fn refuse_and_vote(script: &Script<'_>) -> Result<(), Chance> {
    let voter = script.elect_any()?;
    let [candidate, behind @ ..]: [usize; 4] = script.others(voter);
    script.lose(requests().to(behind));
    script.start(voter, "not for all")?;
    script.watch(HEARTBEATS);
    script.lose(appends());
    let begun = Instant::now();
    let step = "a server with an old log and one with a newer log stand in the same term";
    let find = |requests: &[VoteRequest]| {
        let all = Rivals::find(requests, [voter, candidate], behind);
        all.filter(|_| begun.elapsed() > SILENCE)
    };
    let held = script.hold_elections(step, |requests| find(requests).is_some())?;
    let Rivals { refused, winner, other } =
        find(&held).ok_or_else(|| Chance::prevented(step.to_owned()))?;
    let term = winner.term;
    // Their messages are known before their terms.
    let is_free = |server: usize| {
        script.term(server) <= term && !script.has_stood_since(server, winner.message)
    };
    let have_votes = || is_free(voter) && is_free(other.to) && script.term(candidate) == term;
    let step = "two voters have not stood in the term of both candidates";
    Chance::unless(script.term(voter) < term && have_votes(), step)?;
    script.release_vote(&refused);
    script.must_soon(
        &format!(
            "server {voter} is in term {term}, in which server {} asks it for its vote, although it refuses (Figure 2, \
             Rules for All Servers)",
            refused.from
        ),
        || script.term(voter) >= term,
    );
    script.watch(Duration::from_millis(5));
    Chance::unless(have_votes(), step)?;
    script.release_vote(&winner);
    script.release_vote(&other);
    script.must_soon(
        &format!(
            "server {candidate} is elected in term {term} by servers {voter} and {}: server {}, which has asked server \
             {voter} before, must not get its vote, because its log is behind (section 5.4.1), and a refusal leaves the \
             vote free (RequestVote RPC in Figure 2)",
            other.to, refused.from
        ),
        || script.leads(candidate) || !have_votes(),
    );
    Chance::unless(script.leads(candidate), step)
}

/// Requests of two candidates in the same term.
struct Rivals {
    /// To the voter, of one whose log is behind.
    refused: VoteRequest,
    /// To the voter, of the other one.
    winner: VoteRequest,
    /// Of the same, to a server that has not stood in this term.
    other: VoteRequest,
}

impl Rivals {
    /// In the newest term in which the candidate stands.
    fn find(
        requests: &[VoteRequest],
        [voter, candidate]: [usize; 2],
        behind: [usize; 3],
    ) -> Option<Rivals> {
        let own = requests.iter().filter(|request| request.from == candidate);
        let term = own.map(|request| request.term).max()?;
        let find = |from: usize, to: usize| {
            let is_it = |it: &&VoteRequest| (it.from, it.to, it.term) == (from, to, term);
            requests.iter().find(is_it).copied()
        };
        let stood = |server: usize| {
            requests.iter().any(|request| request.from == server && request.term >= term)
        };
        let refused = behind.iter().find_map(|server| find(*server, voter))?;
        let other = behind.iter().filter(|server| !stood(**server));
        let other = other.filter_map(|server| find(candidate, *server)).next()?;
        Some(Rivals { refused, winner: find(candidate, voter)?, other })
    }
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
        let requests = script.hold_elections_within(MANY_ELECTIONS, step, |requests| {
            requests.iter().filter(is_stale).count() >= REQUESTS
        })?;
        let mut refused: Vec<VoteRequest> = requests.iter().filter(is_stale).copied().collect();
        refused.sort_by_key(|request| request.term);
        script.lose(appends());
        let refused = messages(&refused);
        expect_stands(script, current, &refused, "requests for votes of servers with older logs");
        Ok(())
    })
}
