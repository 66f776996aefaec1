//! Votes that tests decide: which of two candidates asks a server first.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use labrpc::{Decision, HeldMessage, Leg, MessageId};
use protocol::Term;

use super::attempts::play;
use crate::case::{Run, Summary};
use crate::harness::{RaftCluster, server_name};

/// How often the state of a vote is looked at.
const POLL: Duration = Duration::from_millis(1);

/// Holds a vote, in one new cluster after the other, until `vote` says that it was decided: chance may
/// prevent it.
pub(super) fn decide_vote(run: &Run, vote: impl Fn(&RaftCluster, &Ballot<'_>) -> bool) -> Summary {
    play(run, 3, |cluster| Ballot::hold(cluster).is_some_and(|ballot| vote(cluster, &ballot)))
}

/// A vote among three servers: two are candidates in the same term, and the third one decides.
pub(super) struct Ballot<'a> {
    cluster: &'a RaftCluster,
    /// The term in which both are candidates.
    term: Term,
    pub(super) voter: usize,
    /// The candidate that reaches the voter first, and its request for the vote.
    first: (usize, MessageId),
    second: (usize, MessageId),
}

impl<'a> Ballot<'a> {
    /// Holds back every request for a vote in a new cluster until two servers have made one of the third.
    /// `None` if those two are not in the same term: election timeouts are random.
    fn hold(cluster: &'a RaftCluster) -> Option<Self> {
        cluster.network().intercept(|message| match (message.leg, message.method) {
            (Leg::Reply, _) => Decision::Deliver,
            (Leg::Request, "Raft.RequestVote") => Decision::Hold,
            // No server may hear of a leader.
            (Leg::Request, _) => Decision::Drop,
        });
        let mut requests = Requests::default();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(5) {
            let terms = requests.look(cluster)?;
            requests.release_pre_votes(cluster, &terms);
            let candidates: Vec<usize> = (0..3).filter(|server| terms[*server] > 0).collect();
            if let [one, other] = candidates[..] {
                let voter = 3 - one - other;
                let request = |from: usize| Some((requests.find(from, voter, terms[from])?, from));
                if let (Some(one), Some(other)) = (request(one), request(other)) {
                    return Ballot::new(cluster, voter, &terms, one.min(other), one.max(other));
                }
            }
            thread::sleep(POLL);
        }
        None
    }

    /// A vote between two candidates. The one that stood later is the second: it stays in its term for longer.
    fn new(
        cluster: &'a RaftCluster,
        voter: usize,
        terms: &[Term],
        first: (MessageId, usize),
        second: (MessageId, usize),
    ) -> Option<Self> {
        let term = terms[first.1];
        let (first, second) = ((first.1, first.0), (second.1, second.0));
        let ballot = Ballot { cluster, term, voter, first, second };
        (terms[second.0] == term).then_some(ballot)
    }

    /// Lets the first candidate's request through. Says whether it becomes leader.
    pub(super) fn elect_first(&self) -> bool {
        self.cluster.network().release(self.first.1);
        self.becomes_leader(self.first.0)
    }

    /// Lets the second candidate's request through. Says whether it becomes leader in the same term. It must
    /// not: the monitor of the cluster fails the test if both do.
    pub(super) fn elect_second(&self) -> bool {
        self.cluster.network().release(self.second.1);
        self.becomes_leader(self.second.0)
    }

    /// Whether the second candidate is still in the term of the vote.
    pub(super) fn second_is_in_term(&self) -> bool {
        self.cluster.get_state(self.second.0).is_some_and(|(term, _)| term == self.term)
    }

    fn becomes_leader(&self, server: usize) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(150) {
            if self.cluster.get_state(server) == Some((self.term, true)) {
                return true;
            }
            thread::sleep(POLL);
        }
        false
    }
}

/// The requests for votes that are held.
#[derive(Default)]
struct Requests {
    held: Vec<HeldMessage>,
    /// The term of the sender when the request was first seen.
    terms: BTreeMap<MessageId, Term>,
}

impl Requests {
    /// Looks at what is held by now. Returns the term of each server.
    fn look(&mut self, cluster: &RaftCluster) -> Option<Vec<Term>> {
        self.held = cluster.network().held();
        let term = |server| cluster.get_state(server).map(|(term, _)| term);
        let terms: Vec<Term> = (0..cluster.size()).map(term).collect::<Option<_>>()?;
        for message in &self.held {
            let sender = terms.iter().enumerate().find(|it| message.from == server_name(it.0));
            self.terms.entry(message.id).or_insert(*sender?.1);
        }
        Some(terms)
    }

    /// A server that is still in term 0 asks only whether it may stand for election (pre-vote, section 9.6 of
    /// Ongaro's dissertation). Lets that pass between servers in term 0: it decides nothing.
    fn release_pre_votes(&self, cluster: &RaftCluster, terms: &[Term]) {
        for message in &self.held {
            let is_new = |server: &usize| message.to == server_name(*server) && terms[*server] == 0;
            if self.terms[&message.id] == 0 && (0..terms.len()).any(|server| is_new(&server)) {
                cluster.network().release(message.id);
            }
        }
    }

    /// The first request of `from` for the vote of `to` in `term`.
    fn find(&self, from: usize, to: usize, term: Term) -> Option<MessageId> {
        let (from, to) = (server_name(from), server_name(to));
        let is_it = |message: &&HeldMessage| {
            message.from == from && message.to == to && self.terms[&message.id] == term
        };
        self.held.iter().find(is_it).map(|message| message.id)
    }
}
