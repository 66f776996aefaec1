//! Exact schedules: tests that decide about every request by themselves.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use labrpc::{Decision, HeldMessage, Leg};
use parking_lot::Mutex;
use raft::Term;

use crate::harness::{RaftCluster, server_name};
use crate::runner::{Class, Failure, fail};

/// How often a schedule looks whether its next step is due.
const POLL: Duration = Duration::from_millis(1);

/// A ballot of three servers in which two stand in the same term, and the third decides.
pub(super) struct Ballot<'a> {
    cluster: &'a RaftCluster,
    /// The term in which both stand.
    pub(super) term: Term,
    pub(super) voter: usize,
    /// Who is let through to the voter first, with the request for its vote.
    first: (usize, HeldMessage),
    second: (usize, HeldMessage),
}

impl<'a> Ballot<'a> {
    /// Holds back every request for a vote in a cluster that has just been made, until two servers ask
    /// the third. `None` if the chance of time-outs has not made the terms of the two equal.
    pub(super) fn hold(cluster: &'a RaftCluster) -> Option<Self> {
        cluster.network().intercept(|message| match (message.leg, message.method) {
            (Leg::Reply, _) => Decision::Deliver,
            (Leg::Request, "Raft.RequestVote") => Decision::Hold,
            // Nobody may hear of a leader.
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

    /// Lets the first candidate have the vote. Says whether that makes it the leader.
    pub(super) fn elect_first(&self) -> bool {
        self.cluster.network().release(self.first.1.id);
        self.comes_to_lead(self.first.0)
    }

    /// Lets the second candidate ask as well. Says whether it leads in the same term: it must not, and
    /// the cluster's own watch over elections fails the test if so.
    pub(super) fn elect_second(&self) -> bool {
        self.cluster.network().release(self.second.1.id);
        self.comes_to_lead(self.second.0)
    }

    /// Whether the second candidate still stands in the term of the ballot.
    pub(super) fn second_still_stands(&self) -> bool {
        self.cluster.get_state(self.second.0).is_some_and(|(term, _)| term == self.term)
    }

    fn comes_to_lead(&self, server: usize) -> bool {
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

/// A network on which only chosen servers can ask anything of chosen others.
pub(super) struct Script<'a> {
    cluster: &'a RaftCluster,
    state: Arc<Mutex<ScriptState>>,
    /// By server, its last known term.
    terms: Vec<Term>,
}

#[derive(Default)]
struct ScriptState {
    allowed: BTreeSet<(String, String)>,
    /// The replies that have gone through since the last change.
    replies: Vec<(String, String)>,
}

impl<'a> Script<'a> {
    /// Takes over the network; nothing passes until it is allowed.
    pub(super) fn new(cluster: &'a RaftCluster) -> Self {
        let state: Arc<Mutex<ScriptState>> = Arc::default();
        let hook = state.clone();
        cluster.network().intercept(move |message| {
            let mut state = hook.lock();
            let route = (message.from.to_owned(), message.to.to_owned());
            if message.leg == Leg::Reply {
                state.replies.push(route);
                Decision::Deliver
            } else if state.allowed.contains(&route) {
                Decision::Deliver
            } else {
                Decision::Drop
            }
        });
        Script { cluster, state, terms: vec![0; cluster.size()] }
    }

    /// Lets requests pass from `from` to each of `to`, and no others.
    pub(super) fn allow(&self, from: usize, to: &[usize]) {
        let mut state = self.state.lock();
        state.allowed = to.iter().map(|peer| (server_name(from), server_name(*peer))).collect();
        state.replies.clear();
    }

    /// Waits until `from` has had `count` replies of `to` since the last [`Script::allow`].
    pub(super) fn await_replies(&self, from: usize, to: usize, count: usize) {
        let route = (server_name(to), server_name(from));
        let arrived = || self.state.lock().replies.iter().filter(|reply| **reply == route).count();
        let expected = format!("server {to} answers {count} requests of server {from}");
        self.wait(Instant::now(), &expected, || arrived() >= count);
    }

    /// Has `candidate` elected with the votes of `voters` alone; all other servers are down then.
    ///
    /// The candidate first stands alone until its term is ahead of theirs: whichever time-out comes
    /// first, its next requests are the ones that count. Only if they were on their way while the
    /// voters came up, so that one of them was asked and another not, it all begins again: from then on
    /// the terms would be equal, and each election a matter of luck.
    pub(super) fn elect(&mut self, candidate: usize, voters: &[usize]) {
        let begun = Instant::now();
        let term = || self.cluster.get_state(candidate).map_or(0, |(term, _)| term);
        let leads = || self.cluster.get_state(candidate).is_some_and(|(_, leads)| leads);
        loop {
            self.crash_all();
            let newest = voters.iter().map(|voter| self.terms[*voter]).max().unwrap_or(0);
            self.allow(candidate, &[]);
            self.cluster.restart_connected(candidate);
            self.wait(
                begun,
                &format!("server {candidate}, alone, stands in term after term"),
                || term() >= newest + 2,
            );

            voters.iter().for_each(|voter| self.cluster.restart_connected(*voter));
            let ahead = term();
            self.allow(candidate, voters);
            self.wait(begun, &format!("servers {voters:?} elect server {candidate}"), || {
                leads() || term() > ahead + 2
            });
            if leads() {
                return;
            }
        }
    }

    /// Crashes every server, and remembers the term that each was in.
    pub(super) fn crash_all(&mut self) {
        for server in 0..self.cluster.size() {
            if let Some((term, _)) = self.cluster.get_state(server) {
                self.terms[server] = term;
            }
            self.cluster.crash(server);
        }
    }

    fn wait(&self, begun: Instant, expected: &str, holds: impl Fn() -> bool) {
        while !holds() {
            if begun.elapsed() > Duration::from_secs(20) {
                let seen = "it has not happened within 20 s".to_owned();
                fail(Failure::new(Class::NoProgress, expected.to_owned(), seen));
            }
            thread::sleep(POLL);
        }
    }
}
