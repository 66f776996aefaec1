//! 2A: leader election.

use std::thread;
use std::time::Duration;

use super::schedule::Ballot;
use super::{ELECTION, LIMIT, expect};
use crate::case::{Case, Run, Summary};
use crate::harness::{RaftCluster, Snapshots};
use crate::runner::{Class, Failure, fail};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "2A", name, title, limit: LIMIT, run }
}

pub(super) const CASES: &[Case] = &[
    case(
        "initial_election",
        "a leader is elected, and stays while nothing fails",
        initial_election,
    ),
    case(
        "re_election",
        "a new leader follows a lost one, and none without a majority",
        re_election,
    ),
    case("many_elections", "seven servers elect a leader whichever three are lost", many_elections),
    case("one_vote_a_term", "a server votes for one candidate in a term", one_vote_a_term),
];

fn initial_election(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    let leader = cluster.check_one_leader();
    // Let followers learn of the election before their terms are compared.
    thread::sleep(Duration::from_millis(50));
    let term = cluster.check_terms();
    expect(term >= 1, "the term is at least 1 once a leader is elected", format!("it is {term}"));

    thread::sleep(2 * ELECTION);
    let later = cluster.check_terms();
    expect(
        later == term,
        format!("no election is held while nothing fails: the term stays {term}"),
        format!("it is {later} two seconds later"),
    );
    let still = cluster.check_one_leader();
    expect(
        still == leader,
        format!("server {leader} goes on leading while nothing fails"),
        format!("server {still} leads"),
    );
    cluster.finish()
}

fn re_election(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    let first = cluster.check_one_leader();
    cluster.disconnect(first);
    cluster.check_one_leader();

    // The old leader finds that it is deposed, and disturbs nobody.
    cluster.connect(first);
    let second = cluster.check_one_leader();

    cluster.disconnect(second);
    cluster.disconnect((second + 1) % 3);
    thread::sleep(2 * ELECTION);
    cluster.check_no_leader("one server of three is no majority");

    cluster.connect((second + 1) % 3);
    cluster.check_one_leader();
    cluster.connect(second);
    cluster.check_one_leader();
    cluster.finish()
}

fn many_elections(run: &Run) -> Summary {
    let cluster = RaftCluster::new(7, Snapshots::Off, run);
    cluster.check_one_leader();
    for _ in 0..9 {
        let lost: Vec<usize> = (0..3).map(|_| cluster.draw(7) as usize).collect();
        for &server in &lost {
            cluster.disconnect(server);
        }
        cluster.check_one_leader();
        for &server in &lost {
            cluster.connect(server);
        }
    }
    cluster.check_one_leader();
    cluster.finish()
}

/// Two servers stand for election in the same term, and ask the third one after the other: it may
/// vote for the first only (section 5.2). The watch over elections fails the test if both come to
/// lead.
fn one_vote_a_term(run: &Run) -> Summary {
    for attempt in 0..10 {
        let run = Run { seed: run.seed.wrapping_add(attempt) };
        let cluster = RaftCluster::new(3, Snapshots::Off, &run);
        let ballot = Ballot::hold(&cluster);
        let decided = ballot.is_some_and(|ballot| {
            ballot.elect_first() && !ballot.elect_second() && ballot.second_still_stands()
        });
        let summary = cluster.finish();
        if decided {
            return summary;
        }
    }
    fail(Failure::new(
        Class::NoProgress,
        "of two candidates in one term, the first to reach the third server is elected".to_owned(),
        "in ten clusters nobody was elected by such a vote".to_owned(),
    ))
}
