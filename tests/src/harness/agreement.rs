//! Agreement of a cluster of Rafts: a command is proposed, committed and applied.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use protocol::{Index, Started};

use super::RaftCluster;
use super::ledger::show_command;
use super::waiting::WaitBegun;
use crate::runner::{Class, Failure, fail};

/// How long an agreement may take in all.
const AGREEMENT_LIMIT: Duration = Duration::from_secs(20);

/// How long a command that a leader has accepted may take.
const COMMIT_LIMIT: Duration = Duration::from_secs(2);

/// How often an agreement looks whether the command has been applied.
const POLL: Duration = Duration::from_millis(20);

/// Of how many servers that are behind a failure says what they were sent.
const SHOWN: usize = 2;

impl RaftCluster {
    /// Has a command committed, and applied by at least `servers` servers. The leader that accepts it
    /// must have it committed within 2 s. Returns its index.
    pub fn one(&self, command: &str, servers: usize) -> Index {
        self.agree(command, &|| servers, Retry::Never)
    }

    /// Like [`RaftCluster::one`], but a command that is not applied within 2 s is proposed again, for
    /// 20 s in all: leaders may change. The command may end up in the log twice.
    pub fn one_with_retry(&self, command: &str, servers: usize) -> Index {
        self.agree(command, &|| servers, Retry::AfterTwoSeconds)
    }

    /// `count` says how many servers must apply the command, which may change from one proposal to the next.
    fn agree(&self, command: &str, count: &dyn Fn() -> usize, retry: Retry) -> Index {
        let begun = self.begin_to_wait();
        let mut proposals: Vec<Accepted> = Vec::new();
        let mut servers = count();
        while begun.since.elapsed() < AGREEMENT_LIMIT {
            let Some((leader, started)) = self.propose(command) else {
                thread::sleep(Duration::from_millis(50));
                continue;
            };
            let is_taken = self.is_another(started.index, command);
            servers = count();
            proposals.push(Accepted { leader, started, is_taken, begun: self.begin_to_wait() });
            if self.is_applied_soon(command, servers, started.index) {
                return started.index;
            }
            if retry == Retry::Never {
                break;
            }
        }
        // A leader that has accepted it had 2 s.
        let limit = match (retry, proposals.is_empty()) {
            (Retry::Never, false) => COMMIT_LIMIT,
            _ => AGREEMENT_LIMIT,
        };
        self.fail_agreement(command, servers, &begun, &proposals, limit)
    }

    /// Proposes a command to the connected servers in turn, until one accepts it.
    fn propose(&self, command: &str) -> Option<(usize, Started)> {
        for _ in 0..self.size() {
            let turn = self.servers.service.proposals.fetch_add(1, Ordering::Relaxed) + 1;
            let server = (turn % self.size() as u64) as usize;
            if !self.is_connected(server) {
                continue;
            }
            if let Some(started) = self.start(server, command) {
                return Some((server, started));
            }
        }
        None
    }

    fn is_applied_soon(&self, command: &str, servers: usize, index: Index) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < COMMIT_LIMIT {
            let ledger = self.servers.service.ledger.lock();
            if ledger.applied_by(index) >= servers.max(1) {
                // Another command may have this index: then the leader has been replaced.
                return ledger.command(index) == Some(command.as_bytes());
            }
            drop(ledger);
            thread::sleep(POLL);
        }
        false
    }

    /// Whether a server has applied another command at an index.
    fn is_another(&self, index: Index, command: &str) -> bool {
        let ledger = self.servers.service.ledger.lock();
        ledger.command(index).is_some_and(|found| found != command.as_bytes())
    }

    fn fail_agreement(
        &self,
        command: &str,
        servers: usize,
        begun: &WaitBegun,
        proposals: &[Accepted],
        limit: Duration,
    ) -> ! {
        let expected = format!(
            "{} is committed, and applied by {servers} servers, within {} s",
            show_command(command.as_bytes()),
            limit.as_secs()
        );
        let seen = match proposals {
            [] => self.describe_refusals(begun),
            [earlier @ .., last] => self.describe_last(last, earlier, command),
        };
        fail(Failure::new(Class::NoProgress, expected, seen))
    }

    /// Why no server has accepted a command since then.
    fn describe_refusals(&self, begun: &WaitBegun) -> String {
        format!(
            "no connected server accepts it, because none says that it leads: {}; {}",
            self.describe_states(),
            self.describe_candidacies(begun)
        )
    }

    /// What has come of the last proposal of a command. `earlier` are those that were given up.
    fn describe_last(&self, last: &Accepted, earlier: &[Accepted], command: &str) -> String {
        let Accepted { leader, started: Started { index, term }, is_taken, begun } = last;
        let earlier: Vec<Index> = earlier.iter().map(|it| it.started.index).collect();
        let applied = self.servers.service.ledger.lock().last_applied(*leader);
        // An earlier proposal of it may be what is on the disks.
        let holders = if earlier.is_empty() { self.holders_of(command) } else { Vec::new() };
        let is_held_by_few =
            !is_taken && applied >= *index && (1..=self.size() / 2).contains(&holders.len());
        let own = if *is_taken {
            "a server had already applied another command at that index".to_owned()
        } else if applied < *index {
            let older = self.servers.service.proposed.lock().newest_term_at(applied + 1);
            let older = older
                .filter(|older| older < term)
                .map(|older| format!(", and index {} was accepted in term {older}", applied + 1));
            format!("has applied up to index {applied}{}", older.unwrap_or_default())
        } else if is_held_by_few {
            format!(
                "has applied index {index}, although only the disks of servers {holders:?} hold it"
            )
        } else {
            format!("has applied index {index}")
        };
        let mut seen = format!(
            "server {leader} accepted it at index {index} in term {term}{}, and {own}; {}",
            self.describe_no_leader(*leader, last.started),
            self.describe_applied(last, &earlier, command)
        );
        if !holders.is_empty() && !is_held_by_few {
            seen.push_str(&format!("; the disks of servers {holders:?} hold it"));
        }
        let waited = begun.since.elapsed().as_secs();
        if waited > 2 * COMMIT_LIMIT.as_secs() {
            return format!(
                "no server has led for the last {waited} s: {}; before that, {seen}",
                self.describe_candidacies(begun)
            );
        }
        seen
    }

    /// What the servers say of themselves, for a failure, and how far they have applied the log, if they have.
    pub fn describe_states(&self) -> String {
        let describe = |server: usize| {
            let state = match self.get_state(server) {
                None => "is down".to_owned(),
                Some((term, _)) if !self.is_connected(server) => {
                    format!("is cut off in term {term}")
                }
                Some((term, true)) => format!("leads term {term}"),
                Some((term, false)) => format!("is in term {term}"),
            };
            let applied = match self.servers.service.ledger.lock().last_applied(server) {
                0 => String::new(),
                index => format!(" and has applied up to index {index}"),
            };
            let snapshot = match self.saved_snapshot(server) {
                0 => String::new(),
                saved => {
                    let unapplied = self.describe_unapplied(server);
                    format!(" (the snapshot on its disk reaches index {saved}{unapplied})")
                }
            };
            format!("server {server} {state}{applied}{snapshot}")
        };
        (0..self.size()).map(describe).collect::<Vec<_>>().join(", ")
    }

    /// How far each server has applied the log, and what is at the index of the last proposal, if it is not `command`;
    /// also where the command is instead. `earlier` are the indexes of the proposals that were given up.
    fn describe_applied(&self, last: &Accepted, earlier: &[Index], command: &str) -> String {
        let index = last.started.index;
        let connected: Vec<bool> =
            (0..self.size()).map(|server| self.is_connected(server)).collect();
        let late: Vec<usize> = {
            let ledger = self.servers.service.ledger.lock();
            (0..self.size()).filter(|server| ledger.last_applied(*server) < index).collect()
        };
        let reached = late.iter().filter(|server| **server != last.leader && connected[**server]);
        let leader = last.leader;
        let describe_sent = |server: &usize| {
            format!(
                "to server {server}, {}{}{}",
                self.describe_sent_by(leader, *server, &last.begun),
                self.describe_sameness(leader, *server, last.begun.since),
                self.describe_lack(
                    *server,
                    Some((command, index)),
                    Some((leader, last.begun.since))
                )
            )
        };
        let sent: Vec<String> = reached.take(SHOWN).map(describe_sent).collect();
        let others = late.iter().filter(|server| **server != last.leader);
        let mut behind: Vec<String> = others
            .map(|&server| {
                let applied = self.servers.service.ledger.lock().describe(server);
                let snapshot = self.describe_snapshot(server);
                let cut_off = if connected[server] { "" } else { "; it is cut off" };
                format!("{applied}{snapshot}{cut_off}")
            })
            .collect();
        let ledger = self.servers.service.ledger.lock();
        if !sent.is_empty() {
            behind.push(format!("sent by server {leader} since then: {}", sent.join("; ")));
        }
        let found = ledger.command(index).filter(|found| *found != command.as_bytes());
        let elsewhere = (1..=ledger.last_committed())
            .rev()
            .find(|other| *other != index && ledger.command(*other) == Some(command.as_bytes()));
        let at_index = match (found, late.is_empty()) {
            (Some(found), _) => {
                format!("index {index} holds another command, {}", show_command(found))
            }
            (None, true) => format!("all servers have applied index {index}, but too late"),
            (None, false) => behind.join("; "),
        };
        match elsewhere {
            Some(elsewhere) if earlier.contains(&elsewhere) => format!(
                "{at_index}; an earlier proposal of it has been applied, at index {elsewhere}"
            ),
            Some(elsewhere) => format!("servers have applied it at index {elsewhere} instead"),
            None => at_index,
        }
    }

    /// The servers on whose disks the bytes of a command are; none if it is too short to be sure.
    fn holders_of(&self, command: &str) -> Vec<usize> {
        let servers = 0..self.size();
        servers.filter(|server| self.servers.has_saved(*server, command.as_bytes())).collect()
    }

    /// Ends all faults, if there are any, and fails the test unless all servers then apply a new command, and all
    /// that were committed before it.
    pub(super) fn settle(&self) {
        if self.is_settled() {
            return;
        }
        self.note(
            "the faults end: all servers are up and connected, and the network is reliable"
                .to_owned(),
        );
        self.network().stop_intercepting();
        self.set_reliable(true);
        for server in 0..self.size() {
            if !self.is_running(server) {
                self.restart(server);
            }
            self.connect(server);
            self.resume_service(server);
        }
        self.agree("after all faults", &|| self.count_members(), Retry::AfterTwoSeconds);
    }

    /// Whether no command was proposed, or every server is up and has applied all that was committed.
    fn is_settled(&self) -> bool {
        let ledger = self.servers.service.ledger.lock();
        let has_all = |server| ledger.last_applied(server) == ledger.last_committed();
        !self.servers.service.has_commands.load(Ordering::Relaxed)
            || (0..self.size()).all(|server| {
                self.is_running(server) && self.is_connected(server) && has_all(server)
            })
    }
}

/// A proposal that a server has accepted.
struct Accepted {
    leader: usize,
    started: Started,
    /// Whether a server had already applied another command at its index.
    is_taken: bool,
    /// What the cluster was like then.
    begun: WaitBegun,
}

/// Whether a command that is not applied in time is proposed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Retry {
    Never,
    AfterTwoSeconds,
}

#[cfg(test)]
mod tests {
    use super::super::unstarted::{apply, call, cluster};
    use super::*;

    fn accepted(cluster: &RaftCluster, leader: usize, index: Index, command: &str) -> Accepted {
        Accepted {
            leader,
            started: Started { index, term: 3 },
            is_taken: cluster.is_another(index, command),
            begun: cluster.begin_to_wait(),
        }
    }

    #[test]
    fn who_has_stood_is_told_if_nobody_accepts_a_command() {
        let cluster = cluster(2);
        let begun = cluster.begin_to_wait();
        cluster.disconnect(1);
        assert_eq!(
            cluster.describe_refusals(&begun),
            "no connected server accepts it, because none says that it leads: server 0 is down, server 1 is down; \
             server 0 is down"
        );
        call(&cluster, "Raft.RequestVote", 0, 1);
        assert_eq!(cluster.describe_elections(&begun), "; meanwhile server 0 is down");
    }

    #[test]
    fn index_that_another_command_had_already_is_told() {
        let cluster = cluster(3);
        apply(&cluster, 0, "older");
        let last = accepted(&cluster, 1, 1, "newer");
        apply(&cluster, 1, "older");
        assert_eq!(
            cluster.describe_last(&last, &[], "newer"),
            "server 1 accepted it at index 1 in term 3, in which no server was seen to lead, and a server had already \
             applied another command at that index; index 1 holds another command, \"older\""
        );
    }

    #[test]
    fn index_that_another_command_got_later_is_told() {
        let cluster = cluster(3);
        let last = accepted(&cluster, 1, 1, "newer");
        [0, 1].iter().for_each(|server| apply(&cluster, *server, "older"));
        apply(&cluster, 0, "newer");
        assert_eq!(
            cluster.describe_last(&last, &[], "newer"),
            "server 1 accepted it at index 1 in term 3, in which no server was seen to lead, and has applied index 1; \
             servers have applied it at index 2 instead"
        );
    }

    #[test]
    fn server_that_is_behind_is_told_with_what_it_was_sent() {
        let cluster = cluster(3);
        apply(&cluster, 0, "x");
        let last = accepted(&cluster, 1, 1, "x");
        apply(&cluster, 1, "x");
        call(&cluster, "Raft.AppendEntries", 1, 2);
        assert_eq!(
            cluster.describe_last(&last, &[], "x"),
            "server 1 accepted it at index 1 in term 3, in which no server was seen to lead, and has applied index 1; \
             server 2 has applied nothing; sent by server 1 since then: to server 2, 1 AppendEntries (1 answered)"
        );
    }
}
