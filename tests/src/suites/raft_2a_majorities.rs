//! 2A, continued: how many votes it takes, and how many elections.

use std::thread;
use std::time::{Duration, Instant};

use super::expect::expect;
use super::script::{Cast, Chance, Script, VoteRequest, appends, play, requests, votes};
use super::vote_steps::{Duel, MOMENT, hold_first_election};
use crate::case::{Run, Summary};
use crate::harness::{RaftCluster, Snapshots};

/// A candidate that one of four others votes for does not lead, however often it asks (section 5.2). Neither does one of
/// four servers that one of three others votes for: half of them are no majority. A vote that arrives late is one of
/// another election, and so are those that a candidate has got before it votes for another one.
pub(super) fn too_few_votes(run: &Run) -> Summary {
    play(run, Cast::of(5), two_votes);
    play(run, Cast::of(4), two_votes);
    play(run, Cast::of(3), late_vote);
    play(run, Cast::of(3).times(2), votes_for_another)
}

/// A candidate votes for another one, which stands in a newer term, and leads by this vote. The third server has heard of
/// nobody, and gives its vote to the first that asks: in the newer term the first candidate has not stood. The watch over
/// elections fails the test if both lead in it.
fn votes_for_another(script: &Script<'_>) -> Result<(), Chance> {
    script.lose(appends());
    let step = "two servers stand, the second in a newer term than the first";
    let held = script.hold_elections(step, |requests| find_rival(requests).is_some())?;
    let request = find_rival(&held).ok_or_else(|| Chance::prevented(step.to_owned()))?;
    let VoteRequest { from: elected, to: rival, .. } = request;
    let third = 3 - elected - rival;
    script.lose(votes().from(rival).to(third));
    script.release_vote(&request);
    let leads = script.happens(MOMENT, || script.leads(elected));
    Chance::unless(leads, "the first candidate votes for the second one")?;
    script.pass(votes().from(rival).to(third));
    script.watch(ASKED_AGAIN);
    Ok(())
}

/// The request of the newest candidate to another one, which has stood in an older term only. The third has not stood
/// since.
fn find_rival(requests: &[VoteRequest]) -> Option<VoteRequest> {
    let newest = *requests.last()?;
    let is_older = |other: &&VoteRequest| other.from != newest.from && other.term < newest.term;
    let rival = requests.iter().rfind(is_older)?.from;
    let stands =
        |server| requests.iter().any(|other| other.from == server && other.term >= newest.term);
    let is_wanted = |other: &&VoteRequest| {
        (other.from, other.to, other.term) == (newest.from, rival, newest.term)
    };
    (!stands(rival) && !stands(3 - newest.from - rival))
        .then(|| requests.iter().find(is_wanted).copied())
        .flatten()
}

/// A candidate stands again before it gets a vote of its first election, and nobody votes for it in the second.
fn late_vote(script: &Script<'_>) -> Result<(), Chance> {
    hold_first_election(script)?;
    let Duel { first, .. } = Duel::one_candidate(script)?;
    let VoteRequest { from: candidate, to: voter, term, .. } = first;
    let vote = votes().replies().from(voter).to(candidate);
    script.hold(vote.clone());
    script.release_vote(&first);
    script.await_held(vote.clone())?;
    script.wait("the candidate stands again", || script.term(candidate) > term)?;
    let newer = script.term(candidate);
    script.release(vote);
    script.never(
        MOMENT,
        &format!(
            "server {candidate}, which stands in term {newer}, is not elected by the vote of server {voter} in term {term}: \
             each election has votes of its own (section 5.2)"
        ),
        || script.leads(candidate),
    );
    Ok(())
}

/// A candidate gets the votes of one other server, first at once, then so late that it has asked for them again.
fn two_votes(script: &Script<'_>) -> Result<(), Chance> {
    let leader = script.elect_any()?;
    let [candidate, voter] = script.others(leader);
    script.get_ahead(candidate, &[voter]);
    script.lose(requests());
    script.pass(votes().from(candidate).to(voter));
    let never = |time| {
        script.never(
            time,
            &format!(
                "server {candidate}, which reaches server {voter} alone, is not elected: two votes of {} are \
                 no majority (section 5.2)",
                script.cluster.size()
            ),
            || script.leads(candidate),
        );
    };
    never(Duration::from_secs(3));
    let late = votes().replies().from(voter).to(candidate);
    for _ in 0..4 {
        script.hold(late.clone());
        never(ASKED_AGAIN);
        script.release(late.clone());
        never(MOMENT);
    }
    Ok(())
}

/// After this time a candidate that asks again has done so.
const ASKED_AGAIN: Duration = Duration::from_millis(700);

/// How often the leader is lost.
const ELECTIONS: u64 = 6;

/// How many terms it may take on average until there is a leader.
const TERMS: u64 = 5;

/// Randomized election timeouts, from a range that is wide compared with the time that messages take, make split
/// votes rare (section 5.2).
pub(super) fn split_votes(run: &Run) -> Summary {
    let cluster = RaftCluster::new(7, Snapshots::Off, run);
    cluster.set_reliable(false);
    let mut terms = 0;
    for _ in 0..ELECTIONS {
        let lost = cluster.check_one_leader();
        let before = cluster.get_state(lost).map_or(0, |(term, _)| term);
        cluster.disconnect(lost);
        terms += terms_until_leader(&cluster, before);
        cluster.connect(lost);
    }
    let most = ELECTIONS * TERMS;
    expect(
        terms <= most,
        format_args!(
            "seven servers, whose messages take up to 27 ms, elect {ELECTIONS} leaders in at most {most} terms: \
             timeouts from a wide range make split votes rare (section 5.2)"
        ),
        format_args!("they need {terms}"),
    );
    cluster.set_reliable(true);
    cluster.finish()
}

/// How many terms pass until a connected server leads, or until 10 s are over.
fn terms_until_leader(cluster: &RaftCluster, before: u64) -> u64 {
    let begun = Instant::now();
    loop {
        let states: Vec<(u64, bool)> = (0..cluster.size())
            .filter(|server| cluster.is_connected(*server))
            .filter_map(|server| cluster.get_state(server))
            .collect();
        let leader = states.iter().filter(|(term, leads)| *leads && *term > before).max();
        let newest = states.iter().map(|(term, _)| *term).max().unwrap_or(before);
        if leader.is_some() || begun.elapsed() > Duration::from_secs(10) {
            return leader.map_or(newest, |(term, _)| *term) - before;
        }
        thread::sleep(Duration::from_millis(5));
    }
}
