//! Steps that many scenes have: elections and commands.

use std::thread;
use std::time::Duration;

use protocol::{Index, Started, Term};

use super::chance::Chance;
use super::messages::{requests, votes};
use super::stage::Script;
use crate::suites::limits::NEW_LEADER;

/// How long a candidate is left alone at most, so that its term gets ahead of those of the voters. A term
/// need not rise while a server is alone: it may first ask whether it would be elected.
const ALONE: Duration = Duration::from_millis(2_500);

impl Script<'_> {
    /// Waits until some server leads, and returns it. All messages pass, so one must.
    pub(in crate::suites) fn elect_any(&self) -> Result<usize, Chance> {
        self.pass(requests());
        let mut leader = None;
        self.must_elect(
            NEW_LEADER,
            "a server is elected while all servers are up and connected",
            || {
                leader = (0..self.cluster.size()).find(|server| self.leads(*server));
                leader.is_some()
            },
        );
        leader.ok_or_else(|| Chance::prevented("a server is elected".to_owned()))
    }

    /// Has `candidate` elected by the votes of `voters` alone, and returns its term. Afterwards no request
    /// passes, not even its heartbeats. Meanwhile a leader goes on keeping its followers calm.
    pub(in crate::suites) fn elect(
        &self,
        candidate: usize,
        voters: &[usize],
    ) -> Result<Term, Chance> {
        self.get_ahead(candidate, voters);
        self.lose(requests());
        self.pass(votes().from(candidate).to(voters));
        self.wait(&format!("server {candidate} is elected by servers {voters:?}"), || {
            self.leads(candidate)
        })?;
        self.lose(requests());
        Ok(self.term(candidate))
    }

    /// Leaves a candidate alone until its term is ahead of those of the voters, or for 2.5 s.
    pub(in crate::suites) fn get_ahead(&self, candidate: usize, voters: &[usize]) {
        self.lose(votes());
        self.lose(requests().to(candidate));
        self.lose(requests().from(candidate));
        let newest = voters.iter().map(|voter| self.term(*voter)).max().unwrap_or(0);
        self.happens(ALONE, || self.term(candidate) >= newest + 2);
    }

    /// Has one of `servers` elected by the others of them, whichever it is. Afterwards no request passes.
    pub(in crate::suites) fn elect_among(&self, servers: &[usize]) -> Result<usize, Chance> {
        let newest = (0..self.cluster.size()).map(|server| self.term(server)).max().unwrap_or(0);
        self.lose(requests());
        self.pass(votes().from(servers).to(servers));
        let mut leader = None;
        self.wait(&format!("one of servers {servers:?} is elected by the others"), || {
            let is_new = |server: &&usize| self.leads(**server) && self.term(**server) > newest;
            leader = servers.iter().find(is_new).copied();
            leader.is_some()
        })?;
        self.lose(requests());
        leader.ok_or_else(|| Chance::prevented("a server is elected".to_owned()))
    }

    /// Has `candidate` elected by the votes of `voters` alone, when all servers restart; the others stay down.
    /// Afterwards no request passes. What servers know of terms must survive a crash.
    pub(in crate::suites) fn elect_restarted(
        &self,
        candidate: usize,
        voters: &[usize],
    ) -> Result<(), Chance> {
        let newest = voters.iter().map(|voter| self.last_term(*voter)).max().unwrap_or(0);
        (0..self.cluster.size()).for_each(|server| self.crash(server));
        self.lose(requests());
        self.cluster.restart_connected(candidate);
        self.happens(ALONE, || self.term(candidate) >= newest + 2);
        voters.iter().for_each(|voter| self.cluster.restart_connected(*voter));
        self.pass(votes().from(candidate).to(voters));
        self.wait(&format!("server {candidate} is elected by servers {voters:?}"), || {
            self.leads(candidate)
        })?;
        self.lose(requests());
        Ok(())
    }

    /// Waits until `from` asks `to` for its vote in a term after `before`, and holds that request. To be
    /// asked whether one would vote is not that: then the candidate's term has not risen yet.
    pub(in crate::suites) fn hold_vote_request(
        &self,
        from: usize,
        to: usize,
        before: Term,
    ) -> Result<Term, Chance> {
        let asked = votes().from(from).to(to);
        self.hold(asked.clone());
        self.wait(&format!("server {from} asks server {to} for its vote"), || {
            if self.held(&asked).is_empty() {
                return false;
            }
            if self.term(from) <= before {
                // Its new term may not be known yet.
                self.await_report();
            }
            let stands = self.term(from) > before;
            if !stands {
                self.release(asked.clone());
            }
            stands
        })?;
        Ok(self.term(from))
    }

    /// A command by which messages that have it can be told from those without commands.
    pub(in crate::suites) fn long_command(&self) -> String {
        format!("{:-<48}", self.cluster.random_command())
    }

    /// Starts a command on a leader.
    pub(in crate::suites) fn start(&self, leader: usize, command: &str) -> Result<Started, Chance> {
        let started = self.cluster.start(leader, command);
        started.ok_or_else(|| {
            Chance::prevented(format!("server {leader}, the leader, accepts a command"))
        })
    }

    /// Waits until `servers` servers have applied an index.
    pub(in crate::suites) fn await_applied(
        &self,
        index: Index,
        servers: usize,
    ) -> Result<(), Chance> {
        let step = format!("{servers} servers apply index {index}");
        self.wait(&step, || self.cluster.applied_by(index) >= servers)
    }

    /// Waits for this time, for what must not happen meanwhile: the rules of all tests are watched.
    pub(in crate::suites) fn watch(&self, time: Duration) {
        thread::sleep(time);
    }
}
