//! Exact schedules: tests that decide about every request.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use labrpc::{Decision, Leg};
use parking_lot::Mutex;
use protocol::Term;

use crate::harness::{RaftCluster, server_name};

/// How often a schedule looks whether its next step is due.
const POLL: Duration = Duration::from_millis(1);

/// How long a step may take. One that takes longer is given up, which is no failure.
const STEP: Duration = Duration::from_secs(10);

/// How long a server that hears from nobody may stay in its term. If it stays longer, it asks others before it
/// stands for election (pre-vote, section 9.6 of Ongaro's dissertation).
const ALONE: Duration = Duration::from_secs(3);

/// A network on which requests pass only between chosen servers. Replies always do.
pub(super) struct Script<'a> {
    cluster: &'a RaftCluster,
    routes: Arc<Mutex<Routes>>,
    /// The last known term of each server.
    terms: Vec<Term>,
}

/// Pairs of a sender and a receiver.
#[derive(Default)]
struct Routes {
    /// The requests that may pass.
    allowed: BTreeSet<(String, String)>,
    /// The replies that have passed since the last [`Script::allow`].
    replies: Vec<(String, String)>,
}

impl<'a> Script<'a> {
    /// Takes over the network. No request passes until it is allowed.
    pub(super) fn new(cluster: &'a RaftCluster) -> Self {
        let routes: Arc<Mutex<Routes>> = Arc::default();
        let shared = routes.clone();
        cluster.network().intercept(move |message| {
            let mut routes = shared.lock();
            let route = (message.from.to_owned(), message.to.to_owned());
            if message.leg == Leg::Reply {
                routes.replies.push(route);
                Decision::Deliver
            } else if routes.allowed.contains(&route) {
                Decision::Deliver
            } else {
                Decision::Drop
            }
        });
        Script { cluster, routes, terms: vec![0; cluster.size()] }
    }

    /// Lets requests pass from `from` to each of `to`, and no others.
    pub(super) fn allow(&self, from: usize, to: &[usize]) {
        let mut routes = self.routes.lock();
        routes.allowed = to.iter().map(|peer| (server_name(from), server_name(*peer))).collect();
        routes.replies.clear();
    }

    /// Waits until `to` has sent `count` replies to `from` since the last [`Script::allow`]. Says whether it
    /// has.
    pub(super) fn await_replies(&self, from: usize, to: usize, count: usize) -> bool {
        let route = (server_name(to), server_name(from));
        let arrived = || self.routes.lock().replies.iter().filter(|reply| **reply == route).count();
        wait(STEP, || arrived() >= count)
    }

    /// Has `candidate` elected with the votes of `voters` alone. All other servers are down. Says whether it
    /// has become leader.
    ///
    /// The candidate first runs alone until its term is ahead of theirs. Then it wins its next election,
    /// whichever server times out first. If its requests are under way while the voters start, they may
    /// reach one of them and not another. Then their terms are equal, and the next election would depend
    /// on luck, so everything begins again.
    pub(super) fn elect(&mut self, candidate: usize, voters: &[usize]) -> bool {
        let (begun, cluster) = (Instant::now(), self.cluster);
        let term = || cluster.get_state(candidate).map_or(0, |(term, _)| term);
        let leads = || cluster.get_state(candidate).is_some_and(|(_, leads)| leads);
        while begun.elapsed() < STEP {
            self.crash_all();
            let newest = voters.iter().map(|voter| self.terms[*voter]).max().unwrap_or(0);
            self.allow(candidate, &[]);
            self.cluster.restart_connected(candidate);
            // With pre-votes, no term rises without the voters, and the candidate learns theirs.
            wait(ALONE, || term() >= newest + 2);

            voters.iter().for_each(|voter| self.cluster.restart_connected(*voter));
            let ahead = term();
            self.allow(candidate, voters);
            wait(STEP / 2, || leads() || term() > ahead + 2);
            if leads() {
                return true;
            }
        }
        false
    }

    /// Crashes every server, and remembers its term.
    fn crash_all(&mut self) {
        for server in 0..self.cluster.size() {
            if let Some((term, _)) = self.cluster.get_state(server) {
                self.terms[server] = term;
            }
            self.cluster.crash(server);
        }
    }
}

/// Waits until something holds, no longer than `most`. Says whether it does.
fn wait(most: Duration, holds: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while !holds() {
        if begun.elapsed() > most {
            return false;
        }
        thread::sleep(POLL);
    }
    true
}
