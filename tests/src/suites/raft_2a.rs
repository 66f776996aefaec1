//! 2A: leader election.

use std::thread;
use std::time::Duration;

use super::expect::expect;
use super::limits::{ELECTION, LIMIT};
use super::raft_2a_majorities::{split_votes, too_few_votes};
use super::raft_2a_timers::{
    append_raises_term, dead_follower, old_leader, old_requests, reply_deposes, request_deposes,
    stands_again, vote_restarts_timer,
};
use super::raft_2a_votes::{
    asked_twice, late_request, loser_follows, newer_term_gets_vote, one_vote_a_term,
};
use crate::case::{Case, Run, Summary};
use crate::harness::{RaftCluster, Snapshots};
use crate::runner::{Class, Failure, fail};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "2A", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[
    case(
        "initial_election",
        "a leader is elected, and keeps leading while nothing fails",
        initial_election,
    ),
    case(
        "re_election",
        "a lost leader is replaced, and without a majority there is none",
        re_election,
    ),
    case(
        "many_elections",
        "seven servers elect a leader, whichever three are cut off",
        many_elections,
    ),
    case(
        "asked_twice",
        "a server that is asked twice for the same vote grants it twice",
        asked_twice,
    ),
    case("one_vote_a_term", "a server votes for at most one candidate in a term", one_vote_a_term),
    case(
        "too_few_votes",
        "two votes of five are no majority, nor two of four, nor one that is late",
        too_few_votes,
    ),
    case("split_votes", "split votes are rare", split_votes),
    case("loser_follows", "a candidate that has lost follows the leader", loser_follows),
    case("late_request", "a late request for a vote in an older term gets none", late_request),
    case(
        "newer_term_gets_vote",
        "the first candidate of a newer term gets the vote",
        newer_term_gets_vote,
    ),
    case("stands_again", "candidates that nobody has heard stand again", stands_again),
    case(
        "vote_restarts_timer",
        "a server that has voted waits for its candidate",
        vote_restarts_timer,
    ),
    case("old_requests", "requests of older terms do not put off an election", old_requests),
    case("old_leader", "a leader of an older term does not put off an election", old_leader),
    case("dead_follower", "a dead follower does not hold up heartbeats", dead_follower),
    case("reply_deposes", "a leader learns of a newer term by a reply", reply_deposes),
    case("request_deposes", "a leader gives up when a newer term is asked of it", request_deposes),
    case(
        "append_raises_term",
        "a follower learns of a newer term by a heartbeat",
        append_raises_term,
    ),
];

fn initial_election(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    let leader = cluster.check_one_leader();
    // Let followers learn of the election before their terms are compared.
    thread::sleep(Duration::from_millis(50));
    let term = cluster.check_terms();
    expect(
        term >= 1,
        "the term is at least 1 when there is a leader",
        format_args!("it is {term}"),
    );

    let begun = cluster.begin_to_wait();
    thread::sleep(2 * ELECTION);
    let later = cluster.check_terms();
    if later != term {
        fail(Failure::new(
            Class::Assertion,
            format!("there is no new election while nothing fails: the term stays {term}"),
            format!(
                "two seconds later it is {later}{}; server {leader}, the leader, has sent {}",
                cluster.describe_elections(&begun),
                cluster.describe_sent_by_leader(leader, &begun)
            ),
        ));
    }
    let still = cluster.check_one_leader();
    expect(
        still == leader,
        format_args!("server {leader} is still the leader, because nothing fails"),
        format_args!("server {still} is the leader"),
    );
    cluster.finish()
}

fn re_election(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    let first = cluster.check_one_leader();
    cluster.disconnect(first);
    cluster.check_one_leader();

    // The old leader learns of the new term, and does not disturb the new leader.
    cluster.connect(first);
    let second = cluster.check_one_leader();

    cluster.disconnect(second);
    cluster.disconnect((second + 1) % 3);
    thread::sleep(2 * ELECTION);
    cluster.check_no_leader("one server of three is not a majority");

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
