//! Steps of the scenes about changes of members.

use std::time::Duration;

use super::expect::expect;
use super::script::{Chance, Script};

/// How long a change may take while nothing fails.
pub(super) const CHANGE: Duration = Duration::from_secs(3);

/// How long a command may take until all have it that reach each other.
const AGREEMENT: Duration = Duration::from_secs(2);

/// Long enough for two heartbeats.
const HEARTBEATS: Duration = Duration::from_millis(300);

/// How long something is watched that must not happen.
pub(super) const WATCHED: Duration = Duration::from_millis(1_500);

impl Script<'_> {
    /// Has a server elected, and lets the others hear of it.
    pub(super) fn lead(&self) -> Result<usize, Chance> {
        let leader = self.elect_any()?;
        self.watch(HEARTBEATS);
        Chance::unless(self.leads(leader), "the first election is the last one")?;
        Ok(leader)
    }

    /// Has a leader add a server, or remove one, which must be done soon.
    pub(super) fn must_change(&self, leader: usize, server: usize, adds: bool) {
        self.must_begin_change(leader, server, adds);
        let mut members = self.cluster.members(leader).unwrap_or_default();
        members.retain(|member| *member != server);
        if adds {
            members.push(server);
            members.sort_unstable();
        }
        self.must_have_members(leader, &members);
    }

    /// Has a leader begin to add a server, or to remove one, which it must be willing to do.
    pub(super) fn must_begin_change(&self, leader: usize, server: usize, adds: bool) {
        let (tries, verb, method) = if adds {
            (self.cluster.add_server(leader, server), "adds", "add_server")
        } else {
            (self.cluster.remove_server(leader, server), "removes", "remove_server")
        };
        expect(
            tries,
            format_args!("server {leader}, the leader, {verb} server {server}: true"),
            format_args!("Raft::{method}({server}) returned false"),
        );
    }

    /// Fails the test unless a server says soon that these are the members.
    pub(super) fn must_have_members(&self, server: usize, members: &[usize]) {
        self.must(
            CHANGE,
            &format!(
                "server {server} knows that the members are {members:?}, and that this is committed"
            ),
            || self.cluster.members(server).is_some_and(|known| known == members),
        );
    }

    /// Fails the test unless the leader gets a command to this many servers soon. It reaches a majority of the members,
    /// so it seldom loses its office.
    pub(super) fn must_commit(
        &self,
        leader: usize,
        servers: usize,
        why: &str,
    ) -> Result<(), Chance> {
        let started = self.start(leader, &self.cluster.random_command());
        let started = started.map_err(|chance| chance.seldom(why))?;
        self.must(
            AGREEMENT,
            &format!(
                "{servers} servers apply index {}, which server {leader} has started: {why}",
                started.index
            ),
            || self.cluster.applied_by(started.index) >= servers,
        );
        Ok(())
    }

    /// Fails the test if a command that the leader starts now is applied.
    pub(super) fn must_not_commit(&self, leader: usize, why: &str) -> Result<(), Chance> {
        let started = self.start(leader, &self.cluster.random_command())?;
        self.never(
            WATCHED,
            &format!(
                "no server applies index {}, which server {leader} has started: {why}",
                started.index
            ),
            || self.cluster.applied_by(started.index) > 0,
        );
        Ok(())
    }
}
