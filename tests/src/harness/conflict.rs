//! Two servers apply different commands at the same index: what is known of how that came about.

use std::time::Instant;

use protocol::Index;

use super::ledger::{Conflict, show_command};
use super::names::server_name;
use super::saved::Saved;
use super::servers::Servers;
use super::service::Service;
use crate::runner::{Class, Failure};

impl<S: Service> Servers<S> {
    /// The failure, with what has happened since the first of both commands was applied.
    pub(crate) fn fail_conflict(&self, conflict: &Conflict) -> Failure {
        let Conflict { index, server, command, first, known, .. } = conflict;
        let expected = format!(
            "all servers apply the same command at index {index} (State Machine Safety, Figure 3): server {first} has \
             applied {}",
            show_command(known)
        );
        let mut seen = format!(
            "server {server} applies {}{}{}; {}",
            show_command(command),
            self.describe_own(conflict),
            self.describe_receipt(*server, known),
            self.describe_time_between(conflict)
        );
        if let Some(jump) = conflict.jump {
            seen.push_str(&format!("; server {server} {}", jump.describe()));
        }
        for command in [known, command] {
            seen.push_str(&self.service.describe_origin(command, *index));
            seen.push_str(&self.describe_disks(command, *index));
        }
        Failure::new(Class::Invariant, expected, seen)
    }

    /// That a server applies a command that it has accepted itself as an earlier leader, or that the present leader has not
    /// sent it; empty if not.
    fn describe_own(&self, conflict: &Conflict) -> String {
        let Conflict { index, server, command, known, first, .. } = conflict;
        let Some((newest, leader)) = self.elections.lock().newest_leader() else {
            return String::new();
        };
        let is_leader = leader == self.number(*server);
        match self.service.accepted_in(command, *server, *index) {
            Some(term) if term < newest && is_leader => format!(
                ", which it accepted itself in term {term}, and it leads term {newest}: was a majority right to elect it? The \
                 log whose last entry has the newer term is the more up-to-date one, however long they are (section 5.4.1)"
            ),
            Some(term) if term < newest => format!(
                ", which it accepted itself in term {term}, and server {leader} leads term {newest}: do the entries \
                 that its commit index covers match those of the leader (section 5.3)?"
            ),
            _ if is_leader || self.was_brought(leader, *server, [command, known]) => String::new(),
            _ if self.wire().arrivals().has_seen(command) && *first != *server => format!(
                ", and server {leader}, which leads term {newest}, has sent it neither command: do the entries that its \
                 commit index covers match those of the leader (AppendEntries, step 5 in Figure 2)?"
            ),
            _ => String::new(),
        }
    }

    /// Whether a request of a leader with one of these commands may have reached a server since it has led.
    fn was_brought(&self, leader: usize, server: usize, commands: [&Vec<u8>; 2]) -> bool {
        let Some(slot) = self.slot_of(leader) else {
            return true;
        };
        let since = self.elections.lock().seen(slot).behind;
        let link = [server_name(leader), self.name(server)];
        let wire = self.wire();
        let is_brought =
            |command: &Vec<u8>| wire.arrivals().has_brought(command, [&link[0], &link[1]], since);
        commands.into_iter().any(is_brought)
    }

    /// Whose disks hold a command, in what, and whose do not any more or do not although their servers have accepted it for
    /// an index; empty if none is known to.
    fn describe_disks(&self, command: &[u8], index: Index) -> String {
        if self.service.is_elsewhere(command, index) {
            return String::new();
        }
        let servers_that = |holds: &dyn Fn(usize) -> bool| -> Vec<usize> {
            (0..self.slots.len()).filter(|server| holds(*server)).collect()
        };
        let holders = servers_that(&|server| self.has_saved(server, command));
        let in_snapshots = servers_that(&|server| {
            holders.contains(&server) && self.is_in_snapshot(server, command)
        });
        let shown = show_command(command);
        let mut text = String::new();
        if !holders.is_empty() {
            text.push_str(&format!("; the disks of servers {holders:?} hold {shown}"));
        }
        if !in_snapshots.is_empty() {
            text.push_str(&format!(", those of {in_snapshots:?} in the snapshot alone"));
        }
        for server in 0..self.slots.len() {
            if self.service.accepted_in(command, server, index).is_some()
                && self.on_disk(server, command) == Some(Saved::Not)
            {
                text.push_str(&format!("; that of server {server}, which accepted it, does not"));
            }
        }
        let it = if holders.is_empty() { &shown } else { "it" };
        for server in 0..self.slots.len() {
            if let Some(told) = self.describe_drop(server, command, it) {
                text.push_str(&format!("; {told}"));
            }
        }
        text
    }

    /// Whether the entry with a command at an index is on a server's disk; `None` if one cannot tell.
    fn entry_on_disk(&self, server: usize, command: &[u8], index: Index) -> Option<Saved> {
        if self.service.is_elsewhere(command, index) {
            return None;
        }
        self.on_disk(server, command)
    }

    /// Who has become leader and who has restarted since the first command was applied.
    fn describe_time_between(&self, conflict: &Conflict) -> String {
        let Conflict { index, first, known, at, .. } = conflict;
        let time = self.seconds_at(*at);
        let elected = self.elections.lock().elected_since(*at);
        let elected: Vec<String> = elected
            .into_iter()
            .map(|(term, server, at_last)| {
                let is_elsewhere = self.service.is_elsewhere(known, *index);
                let was_sent = self.was_sent(server, known, at_last).filter(|_| !is_elsewhere);
                let had_it = match (self.entry_on_disk(server, known, *index), was_sent) {
                    (Some(Saved::Holds), _) => ", whose disk holds the other,",
                    (Some(Saved::Held), _) => ", whose disk held the other,",
                    (Some(Saved::Not), _) => ", whose disk does not hold the other,",
                    (None, Some(true)) => ", which had been sent the other,",
                    (None, Some(false)) if server != *first => {
                        ", which had not been sent the other,"
                    }
                    (None, _) => "",
                };
                let voters = self.describe_voters(server, *at, (known, *index));
                format!("server {server}{had_it} became leader of term {term}{voters}")
            })
            .collect();
        let elected = match elected.as_slice() {
            [] => "no server was seen to become leader".to_owned(),
            elected => elected.join(", "),
        };
        let restarted = match self.elections.lock().restarted_since(*at).as_slice() {
            [] => "none has restarted".to_owned(),
            restarted => format!("servers {restarted:?} have restarted"),
        };
        format!("since server {first} applied the other at {time:.3} s, {elected}, and {restarted}")
    }

    /// Who has answered a server's RequestVotes since some time. If the server does not have a command on its disk, those
    /// that have or had it there are told: they should not have voted for it.
    fn describe_voters(
        &self,
        server: usize,
        since: Instant,
        (command, index): (&[u8], Index),
    ) -> String {
        let voters: Vec<String> = {
            let wire = self.wire();
            wire.voters_since(&server_name(server), since).into_iter().map(str::to_owned).collect()
        };
        if voters.is_empty() {
            return String::new();
        }
        let lacks_it = self.entry_on_disk(server, command, index) != Some(Saved::Holds);
        let describe = |voter: &String| {
            let had_it = (0..self.slots.len())
                .find(|server| lacks_it && self.name(*server) == *voter)
                .and_then(|server| self.entry_on_disk(server, command, index));
            let had_it = match had_it {
                Some(Saved::Holds) => ", whose disk holds it",
                Some(Saved::Held) => ", whose disk held it",
                _ => "",
            };
            format!("{}{had_it}", voter.replace('-', " "))
        };
        let voters: Vec<String> = voters.iter().map(describe).collect();
        format!(" (replies to its RequestVotes came from {})", voters.join(" and "))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::super::ledger::{Conflict, Jump};
    use super::super::unstarted::{accept, call, cluster, restart, save};

    const FIRST: &str = "the first command";
    const SECOND: &str = "the other command";

    /// Server 0 has applied the first command at index 2, and server 1 applies the second one there.
    fn conflict(jump: Option<Jump>) -> Conflict {
        let [known, command] = [FIRST, SECOND].map(|text| text.as_bytes().to_vec());
        Conflict { index: 2, server: 1, command, first: 0, known, at: Instant::now(), jump }
    }

    #[test]
    fn elections_and_restarts_in_between_are_told() {
        let cluster = cluster(3);
        let conflict = conflict(None);
        call(&cluster, "Raft.RequestVote", 2, 1);
        restart(&cluster, 1);
        let led = cluster.servers.observe(2, (3, true), Instant::now());
        assert!(led.is_ok(), "a majority has answered");
        let failure = cluster.servers.fail_conflict(&conflict);
        assert!(failure.expected.ends_with("server 0 has applied \"the first command\""));
        let seen = failure.seen;
        assert!(
            seen.starts_with("server 1 applies \"the other command\"; since server 0 applied"),
            "{seen}"
        );
        let since = "s, server 2 became leader of term 3 (replies to its RequestVotes came from server 1), and servers \
                     [1] have restarted";
        assert!(seen.contains(since), "{seen}");
    }

    #[test]
    fn where_both_commands_come_from_is_told() {
        let cluster = cluster(3);
        accept(&cluster, 0, FIRST, (2, 1));
        save(&cluster, 0, FIRST.as_bytes(), None);
        save(&cluster, 1, FIRST.as_bytes(), None);
        save(&cluster, 1, b"", Some(SECOND.as_bytes()));
        let seen = cluster.servers.fail_conflict(&conflict(Some(Jump::Installed(1)))).seen;
        let start = "server 0 accepted \"the first command\" for index 2 in term 1; the disks of servers [0] hold \"the \
                     first command\"; the disk of server 1 held it until 0.";
        assert!(seen.contains(start), "{seen}");
        let end = " s, when it saved a new snapshot; the test has never proposed \"the other command\"; the disks of \
                   servers [1] hold \"the other command\", those of [1] in the snapshot alone";
        assert!(seen.ends_with(end), "{seen}");
    }

    #[test]
    fn follower_that_applies_its_own_command_and_a_leader_that_has_not_saved_it_are_told() {
        let cluster = cluster(3);
        accept(&cluster, 0, FIRST, (2, 3));
        accept(&cluster, 1, SECOND, (2, 2));
        save(&cluster, 2, FIRST.as_bytes(), None);
        let seen = || cluster.servers.fail_conflict(&conflict(None)).seen;
        let forgotten = "; the disks of servers [2] hold \"the first command\"; that of server 0, which accepted it, does \
                         not";
        assert!(seen().contains(forgotten), "{}", seen());
        let own = ", which it accepted itself in term 2, and server 0 leads term 3: do the entries";
        assert!(!seen().contains(own), "nobody has been seen to lead: {}", seen());
        call(&cluster, "Raft.RequestVote", 0, 2);
        assert!(cluster.servers.observe(0, (3, true), Instant::now()).is_ok());
        assert!(seen().contains(own), "{}", seen());
    }

    #[test]
    fn leader_that_has_lost_a_command_is_told_with_a_voter_that_has_it() {
        let cluster = cluster(3);
        let conflict = conflict(None);
        for server in [1, 2] {
            save(&cluster, server, FIRST.as_bytes(), None);
        }
        save(&cluster, 2, b"", None);
        call(&cluster, "Raft.RequestVote", 2, 1);
        assert!(cluster.servers.observe(2, (3, true), Instant::now()).is_ok());
        let seen = cluster.servers.fail_conflict(&conflict).seen;
        let elected = "server 2, whose disk held the other, became leader of term 3 (replies to its RequestVotes came from \
                       server 1, whose disk holds it), and none has restarted";
        assert!(seen.contains(elected), "{seen}");
    }
}
