//! Two servers apply different commands at the same index: what is known of how that came about.

use super::ledger::{Conflict, show_command};
use super::names::server_name;
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
            "server {server} applies {}; {}",
            show_command(command),
            self.describe_time_between(conflict)
        );
        if let Some(jump) = conflict.jump {
            seen.push_str(&format!("; server {server} {}", jump.describe()));
        }
        for command in [known, command] {
            seen.push_str(&self.service.describe_origin(command, *index));
            seen.push_str(&self.describe_disks(command));
        }
        Failure::new(Class::Invariant, expected, seen)
    }

    /// Whose disks hold a command, in what, and whose do no more; empty if none is known to.
    fn describe_disks(&self, command: &[u8]) -> String {
        let servers_that = |holds: &dyn Fn(usize) -> bool| -> Vec<usize> {
            (0..self.slots.len()).filter(|server| holds(*server)).collect()
        };
        let holders = servers_that(&|server| self.has_saved(server, command));
        let in_snapshots = servers_that(&|server| {
            holders.contains(&server) && self.is_in_snapshot(server, command)
        });
        let dropped = servers_that(&|server| self.has_dropped(server, command));
        let mut text = String::new();
        if !holders.is_empty() {
            let shown = show_command(command);
            text.push_str(&format!("; the disks of servers {holders:?} hold {shown}"));
        }
        if !in_snapshots.is_empty() {
            text.push_str(&format!(", those of {in_snapshots:?} in the snapshot alone"));
        }
        if !dropped.is_empty() {
            let shown = show_command(command);
            text.push_str(&format!(
                "; those of servers {dropped:?} held {shown} until their last save with a new snapshot or a shorter \
                 state"
            ));
        }
        text
    }

    /// Who has become leader and who has restarted since the first command was applied.
    fn describe_time_between(&self, conflict: &Conflict) -> String {
        let Conflict { first, at, .. } = conflict;
        let time = self.elapsed().saturating_sub(at.elapsed()).as_secs_f64();
        let elected = self.elections.lock().elected_since(*at);
        let wire = self.wire();
        let elected: Vec<String> = elected
            .iter()
            .map(|(term, server)| {
                let voters = wire.voters_since(&server_name(*server), *at);
                let voters = match voters.as_slice() {
                    [] => String::new(),
                    voters => format!(
                        " (replies to its RequestVotes came from {})",
                        voters.join(" and ").replace('-', " ")
                    ),
                };
                format!("server {server} became leader of term {term}{voters}")
            })
            .collect();
        drop(wire);
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
}
