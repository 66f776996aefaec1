//! Steps of the scenes about leaders that stay and go in time.

use std::time::Duration;

use protocol::Term;

use super::script::{Chance, Script, requests};

/// How long a command may take until all have it that reach each other.
pub(super) const AGREEMENT: Duration = Duration::from_secs(2);

/// How long a server is cut off. Meanwhile any election timer runs out, again and again.
pub(super) const ABSENCE: Duration = Duration::from_secs(4);

/// How long a leader is watched after a server has returned: longer than any election takes.
pub(super) const CALM: Duration = Duration::from_secs(3);

/// Long enough for two heartbeats.
const HEARTBEATS: Duration = Duration::from_millis(300);

/// How long a leader may take to give up, or to go on after a hand-over that has failed: 2 s by the assignment, and a
/// moment. On the clock, where the machine may be busy, it is more.
pub(super) fn gives_up_within() -> Duration {
    Duration::from_millis(if sim::is_active() { 2_300 } else { 7_000 })
}

impl Script<'_> {
    /// Has some server elected, lets all others hear of it, and returns it with its term.
    pub(super) fn settle(&self) -> Result<(usize, Term), Chance> {
        let leader = self.elect_any()?;
        let term = self.term(leader);
        self.watch(HEARTBEATS);
        let is_settled = (0..self.cluster.size()).all(|server| self.term(server) == term);
        Chance::unless(is_settled && self.leads(leader), "the first election is the last one")?;
        Ok((leader, term))
    }

    /// Fails the test if a server enters another term, or the leader gives up, within this time.
    pub(super) fn expect_calm(&self, (leader, term): (usize, Term), within: Duration, why: &str) {
        self.never_any(
            within,
            &format!(
                "server {leader} goes on leading term {term}, and no server enters another: {why}"
            ),
            || {
                if self.term(leader) == term && !self.leads(leader) {
                    return Some(format!("server {leader} has given up its office"));
                }
                let newer = (0..self.cluster.size()).find(|server| self.term(*server) > term)?;
                Some(format!("server {newer} has entered term {}", self.term(newer)))
            },
        );
    }

    /// The leader of three must stay and go on with one of its followers, while the other one reaches it in part or not at
    /// all, and also when all requests pass again.
    pub(super) fn must_stay(&self, leader: (usize, Term), why: &str) -> Result<(), Chance> {
        self.expect_calm(leader, ABSENCE, why);
        self.must_agree(leader.0, 2)?;
        self.pass(requests());
        self.expect_calm(leader, CALM, "all servers hear each other again");
        self.must_agree(leader.0, 3)
    }

    /// Fails the test unless the leader gets a command to this many servers soon.
    pub(super) fn must_agree(&self, leader: usize, servers: usize) -> Result<(), Chance> {
        let started = self.start(leader, &self.cluster.random_command())?;
        self.must(
            AGREEMENT,
            &format!(
                "{servers} servers apply index {}, which server {leader} has started",
                started.index
            ),
            || self.cluster.applied_by(started.index) >= servers,
        );
        Ok(())
    }
}
