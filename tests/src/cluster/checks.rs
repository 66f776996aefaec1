//! What suites ask of a cluster of Rafts: a common term, an agreement.

use std::thread;
use std::time::{Duration, Instant};

use raft::{Index, Started, Term};

use super::RaftCluster;
use super::ledger::show_command;
use crate::runner::{Class, Failure, fail};

/// How long an agreement may take in all.
const AGREEMENT_LIMIT: Duration = Duration::from_secs(10);

/// How long a command that a leader has accepted may take.
const COMMIT_LIMIT: Duration = Duration::from_secs(2);

/// How often an agreement looks whether the command has been applied.
const POLL: Duration = Duration::from_millis(20);

impl RaftCluster {
    /// Fails unless all connected servers are in the same term; returns it.
    pub fn check_terms(&self) -> Term {
        let terms: Vec<(usize, Term)> = self
            .connected()
            .filter_map(|server| Some((server, self.get_state(server)?.0)))
            .collect();
        let term = terms.first().map_or(0, |(_, term)| *term);
        for (server, other) in &terms {
            if *other != term {
                fail(Failure::new(
                    Class::Assertion,
                    format!(
                        "all connected servers are in one term: server {} is in {term}",
                        terms[0].0
                    ),
                    format!("server {server} is in term {other}"),
                ));
            }
        }
        term
    }

    /// Fails if a connected server claims to lead.
    pub fn check_no_leader(&self, why: &str) {
        for server in self.connected() {
            if let Some((term, true)) = self.get_state(server) {
                fail(Failure::new(
                    Class::Assertion,
                    format!("no connected server leads: {why}"),
                    format!("server {server} claims to lead term {term}"),
                ));
            }
        }
    }

    /// The number of servers that have applied `index`.
    pub fn applied_by(&self, index: Index) -> usize {
        self.shared.service.ledger.lock().applied_by(index)
    }

    /// The command at `index`, if any server has applied it.
    pub fn committed_command(&self, index: Index) -> Option<String> {
        let ledger = self.shared.service.ledger.lock();
        ledger.command(index).map(|command| String::from_utf8_lossy(command).into_owned())
    }

    /// Fails if any server has applied `index`.
    pub fn check_not_committed(&self, index: Index, why: &str) {
        let servers = self.applied_by(index);
        if servers > 0 {
            let command = self.committed_command(index).unwrap_or_default();
            fail(Failure::new(
                Class::Assertion,
                format!("no server has applied index {index}: {why}"),
                format!("{servers} have applied {} there", show_command(command.as_bytes())),
            ));
        }
    }

    /// Waits until `servers` servers have applied `index`, for about 30 s. `None` as soon as a server
    /// is in a later term than `term`: the entry may be gone.
    pub fn wait(&self, index: Index, servers: usize, term: Option<Term>) -> Option<String> {
        let mut pause = Duration::from_millis(10);
        for _ in 0..30 {
            if self.applied_by(index) >= servers {
                break;
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(1_280));
            let moved_on = |server| self.get_state(server).is_some_and(|(now, _)| Some(now) > term);
            if term.is_some() && (0..self.size()).any(moved_on) {
                return None;
            }
        }
        let applied = self.applied_by(index);
        if applied < servers {
            fail(Failure::new(
                Class::NoProgress,
                format!("{servers} servers apply index {index}"),
                format!("{applied} have, half a minute later"),
            ));
        }
        self.committed_command(index)
    }

    /// Has a command committed, and applied by at least `servers` servers: whichever leader accepts it
    /// must bring it through within 2 s. Returns its index.
    pub fn one(&self, command: &str, servers: usize) -> Index {
        self.agree(command, servers, false)
    }

    /// Like [`RaftCluster::one`], but a command that is not applied within 2 s is proposed again, for
    /// 10 s in all: leaders may come and go. It may end up in the log twice.
    pub fn one_with_retry(&self, command: &str, servers: usize) -> Index {
        self.agree(command, servers, true)
    }

    fn agree(&self, command: &str, servers: usize, retry: bool) -> Index {
        let begun = Instant::now();
        let mut last: Option<(usize, Started)> = None;
        while begun.elapsed() < AGREEMENT_LIMIT {
            let Some((leader, started)) = self.propose(command) else {
                thread::sleep(Duration::from_millis(50));
                continue;
            };
            last = Some((leader, started));
            if self.is_applied_soon(command, servers, started.index) {
                return started.index;
            }
            if !retry {
                break;
            }
        }
        self.fail_agreement(command, servers, last)
    }

    fn is_applied_soon(&self, command: &str, servers: usize, index: Index) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < COMMIT_LIMIT {
            let ledger = self.shared.service.ledger.lock();
            if ledger.applied_by(index) >= servers.max(1) {
                if ledger.command(index) == Some(command.as_bytes()) {
                    return true;
                }
                // Another command has got this index: its leader has been deposed.
                return false;
            }
            drop(ledger);
            thread::sleep(POLL);
        }
        false
    }

    fn fail_agreement(&self, command: &str, servers: usize, last: Option<(usize, Started)>) -> ! {
        let seen = match last {
            None => "no connected server accepted it: none claims to lead".to_owned(),
            Some((leader, Started { index, term })) => format!(
                "server {leader} accepted it at index {index} in term {term}; {} of {} servers have \
                 applied that index, with {}",
                self.applied_by(index),
                self.size(),
                self.committed_command(index)
                    .map_or("nothing".to_owned(), |found| show_command(found.as_bytes())),
            ),
        };
        fail(Failure::new(
            Class::NoProgress,
            format!(
                "{} is committed and applied by {servers} servers",
                show_command(command.as_bytes())
            ),
            seen,
        ))
    }
}
