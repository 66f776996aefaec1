//! Votes that tests decide: which of two candidates asks a server first.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use labrpc::{Decision, HeldMessage, Leg};
use protocol::Term;

use crate::case::{Run, Summary};
use crate::harness::{RaftCluster, Snapshots, server_name};
use crate::runner::{Class, Failure, fail};

/// How often the state of a vote is looked at.
const POLL: Duration = Duration::from_millis(1);

/// Holds a vote, in one new cluster after the other, until `vote` says that it was decided: chance may
/// prevent it.
pub(super) fn decide_vote(run: &Run, vote: impl Fn(&RaftCluster, &Ballot<'_>) -> bool) -> Summary {
    for attempt in 0..10 {
        let run = Run { seed: run.seed.derive(&format!("attempt {attempt}")) };
        let cluster = RaftCluster::new(3, Snapshots::Off, &run);
        let is_decided = Ballot::hold(&cluster).is_some_and(|ballot| vote(&cluster, &ballot));
        let summary = cluster.finish();
        if is_decided {
            return summary;
        }
    }
    fail(Failure::new(
        Class::NoProgress,
        "of two candidates in one term, the first to reach the third server is elected".to_owned(),
        "in ten clusters no candidate was elected this way".to_owned(),
    ))
}

/// A vote among three servers: two are candidates in the same term, and the third one decides.
pub(super) struct Ballot<'a> {
    cluster: &'a RaftCluster,
    /// The term in which both are candidates.
    term: Term,
    pub(super) voter: usize,
    /// The candidate that reaches the voter first, and its request for the vote.
    first: (usize, HeldMessage),
    second: (usize, HeldMessage),
}

impl<'a> Ballot<'a> {
    /// Holds back every RequestVote in a new cluster until two servers ask the third one. `None` if those
    /// two are not in the same term: election timeouts are random.
    fn hold(cluster: &'a RaftCluster) -> Option<Self> {
        cluster.network().intercept(|message| match (message.leg, message.method) {
            (Leg::Reply, _) => Decision::Deliver,
            (Leg::Request, "Raft.RequestVote") => Decision::Hold,
            // No server may hear of a leader.
            (Leg::Request, _) => Decision::Drop,
        });
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(5) {
            let held = cluster.network().held();
            if let Some((first, second, voter)) = candidates(&held) {
                let terms = [first, second].map(|server| cluster.get_state(server));
                let (Some((term, _)), Some((other, _))) = (terms[0], terms[1]) else {
                    return None;
                };
                let request = |server| Some((server, newest_request(&held, server, voter)?));
                let ballot = Ballot {
                    cluster,
                    term,
                    voter,
                    first: request(first)?,
                    second: request(second)?,
                };
                return (term == other).then_some(ballot);
            }
            thread::sleep(POLL);
        }
        None
    }

    /// Lets the first candidate's request through. Says whether it becomes leader.
    pub(super) fn elect_first(&self) -> bool {
        self.cluster.network().release(self.first.1.id);
        self.becomes_leader(self.first.0)
    }

    /// Lets the second candidate's request through. Says whether it becomes leader in the same term. It must
    /// not: the monitor of the cluster fails the test if both do.
    pub(super) fn elect_second(&self) -> bool {
        self.cluster.network().release(self.second.1.id);
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

/// The only two servers that have asked for votes, and the third one.
fn candidates(held: &[HeldMessage]) -> Option<(usize, usize, usize)> {
    let asking: BTreeSet<usize> = (0..3)
        .filter(|server| held.iter().any(|message| message.from == server_name(*server)))
        .collect();
    let voter = (0..3).find(|server| !asking.contains(server))?;
    let mut asking = asking.into_iter();
    Some((asking.next()?, asking.next()?, voter))
}

fn newest_request(held: &[HeldMessage], from: usize, to: usize) -> Option<HeldMessage> {
    held.iter()
        .rfind(|message| message.from == server_name(from) && message.to == server_name(to))
        .cloned()
}
