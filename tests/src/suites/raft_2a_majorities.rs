//! 2A, continued: how many votes it takes, and how many elections.

use std::thread;
use std::time::{Duration, Instant};

use super::expect::expect;
use super::script::{Cast, Chance, Script, VoteRequest, play, requests, votes};
use super::vote_steps::{Duel, MOMENT, hold_first_election};
use crate::case::{Run, Summary};
use crate::harness::{RaftCluster, Snapshots};

/// A candidate that one of four others votes for does not lead, however often it asks (section 5.2). Neither does one of
/// four servers that one of three others votes for: half of them are no majority. A vote that arrives late is one of
/// another election.
pub(super) fn too_few_votes(run: &Run) -> Summary {
    play(run, Cast::of(5), two_votes);
    play(run, Cast::of(4), two_votes);
    play(run, Cast::of(3), late_vote)
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

fn two_votes(script: &Script<'_>) -> Result<(), Chance> {
    let leader = script.elect_any()?;
    let [candidate, voter] = script.others(leader);
    script.get_ahead(candidate, &[voter]);
    script.lose(requests());
    script.pass(votes().from(candidate).to(voter));
    script.never(
        Duration::from_secs(3),
        &format!(
            "server {candidate}, which reaches server {voter} alone, is not elected: two votes of {} are \
             no majority (section 5.2)",
            script.cluster.size()
        ),
        || script.leads(candidate),
    );
    Ok(())
}

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
