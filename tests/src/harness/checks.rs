//! What the tests of Raft ask of a cluster: its terms, its leader, and what is committed.

use std::thread;
use std::time::Duration;

use protocol::{Index, Term};

use super::RaftCluster;
use super::ledger::show_command;
use super::snapshots::Indexes;
use crate::runner::{Class, Failure, fail};

impl RaftCluster {
    /// Fails unless all connected servers are in the same term; returns it.
    pub fn check_terms(&self) -> Term {
        let terms: Vec<(usize, Term)> = self
            .connected()
            .filter_map(|server| Some((server, self.get_state(server)?.0)))
            .collect();
        let Some(&(first, term)) = terms.first() else {
            return 0;
        };
        for (server, other) in terms {
            if other != term {
                fail(Failure::new(
                    Class::Assertion,
                    format!(
                        "all connected servers are in the same term; server {first} is in term {term}"
                    ),
                    format!("server {server} is in term {other}"),
                ));
            }
        }
        term
    }

    /// Fails if a connected server says that it is the leader.
    pub fn check_no_leader(&self, why: &str) {
        for server in self.connected() {
            if let Some((term, true)) = self.get_state(server) {
                fail(Failure::new(
                    Class::Assertion,
                    format!("no connected server is a leader: {why}"),
                    format!("server {server} says that it leads term {term}"),
                ));
            }
        }
    }

    /// The number of servers that have applied `index`.
    pub fn applied_by(&self, index: Index) -> usize {
        self.servers.service.ledger.lock().applied_by(index)
    }

    /// The index that a server has applied last.
    pub fn last_applied(&self, server: usize) -> Index {
        self.servers.service.ledger.lock().last_applied(server)
    }

    /// How far the snapshot on a server's disk reaches; 0 if there is none.
    pub fn saved_snapshot(&self, server: usize) -> Index {
        self.servers.service.snapshots.lock().of(server).saved
    }

    /// How far the snapshot on a server's disk reaches, to follow a sentence; empty if there is none.
    pub(super) fn describe_snapshot(&self, server: usize) -> String {
        match self.saved_snapshot(server) {
            0 => String::new(),
            saved => {
                let unapplied = self.describe_unapplied(server);
                format!("; the snapshot on its disk reaches index {saved}{unapplied}")
            }
        }
    }

    /// That the service of a server that runs has not got the snapshot on its disk, to follow that; empty if it has.
    pub(super) fn describe_unapplied(&self, server: usize) -> &'static str {
        if self.is_running(server) && self.last_applied(server) < self.saved_snapshot(server) {
            ", and its service has not got it"
        } else {
            ""
        }
    }

    /// The command at `index`, if any server has applied it.
    pub fn committed_command(&self, index: Index) -> Option<String> {
        let ledger = self.servers.service.ledger.lock();
        ledger.command(index).map(|command| String::from_utf8_lossy(command).into_owned())
    }

    /// What is at an index, and who has accepted it, to follow a sentence; empty if no server has applied the index.
    pub fn describe_entry(&self, index: Index) -> String {
        let ledger = self.servers.service.ledger.lock();
        let Some(command) = ledger.command(index) else {
            return String::new();
        };
        let origin = self.servers.service.proposed.lock().describe(command, index);
        format!("; index {index} holds {}{origin}", show_command(command))
    }

    /// Fails if the Raft state of a server that has applied `index` takes `limit` bytes or more: its service
    /// has made snapshots.
    pub fn check_states_below(&self, limit: usize, index: Index) {
        for (server, slot) in self.servers.slots.iter().enumerate() {
            let size = slot.lock().disk.state.len();
            if size < limit || self.servers.service.ledger.lock().last_applied(server) < index {
                continue;
            }
            let Indexes { made, saved, .. } = self.servers.service.snapshots.lock().of(server);
            let saved = match saved {
                0 => "there is no snapshot on its disk".to_owned(),
                saved => format!("the snapshot on its disk reaches index {saved}"),
            };
            fail(Failure::new(
                Class::Assertion,
                format!(
                    "Raft's state on server {server} is below {limit} bytes: snapshot() was called \
                     up to index {made}, and cuts the log there"
                ),
                format!("it has {size} bytes; {saved}"),
            ));
        }
    }

    /// Fails if any server has applied `index`.
    pub fn check_not_committed(&self, index: Index, why: &str) {
        let servers = self.applied_by(index);
        if servers > 0 {
            let command = self.committed_command(index).unwrap_or_default();
            fail(Failure::new(
                Class::Assertion,
                format!("no server has applied index {index}: {why}"),
                format!(
                    "{servers} of {} servers have applied index {index}, which holds {}",
                    self.size(),
                    show_command(command.as_bytes())
                ),
            ));
        }
    }

    /// Waits for about 30 s until `servers` servers have applied `index`, and returns the command there.
    /// `None` as soon as a server is in a later term than `term`: the entry may be lost then.
    pub fn wait(&self, index: Index, servers: usize, term: Option<Term>) -> Option<String> {
        let (mut pause, begun) = (Duration::from_millis(10), self.begin_to_wait());
        for _ in 0..30 {
            if self.applied_by(index) >= servers {
                break;
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(1_280));
            let is_later = |server| self.get_state(server).is_some_and(|(now, _)| Some(now) > term);
            if term.is_some() && (0..self.size()).any(is_later) {
                return None;
            }
        }
        let applied = self.applied_by(index);
        if applied < servers {
            let committed = if applied > self.size() / 2 { ", so it is committed" } else { "" };
            fail(Failure::new(
                Class::NoProgress,
                format!("{servers} servers apply index {index} within 30 s"),
                format!(
                    "{applied} of {} servers have applied it{committed}: {}{}{}",
                    self.size(),
                    self.describe_states(),
                    self.describe_behind(&begun),
                    self.describe_elections(&begun)
                ),
            ));
        }
        self.committed_command(index)
    }
}
