//! Two servers apply different commands at the same index: what is known of how that came about.

use super::ledger::{Conflict, show_command};
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
            let servers = 0..self.slots.len();
            let holders: Vec<usize> =
                servers.filter(|server| self.has_saved(*server, command)).collect();
            if !holders.is_empty() {
                seen.push_str(&format!(
                    "; the disks of servers {holders:?} hold {}",
                    show_command(command)
                ));
            }
        }
        Failure::new(Class::Invariant, expected, seen)
    }

    /// Who has become leader and who has restarted since the first command was applied.
    fn describe_time_between(&self, conflict: &Conflict) -> String {
        let Conflict { first, at, .. } = conflict;
        let time = self.elapsed().saturating_sub(at.elapsed()).as_secs_f64();
        let elected = self.elections.lock().elected_since(*at);
        let elected: Vec<String> = elected
            .iter()
            .map(|(term, server)| format!("server {server} became leader of term {term}"))
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
}
