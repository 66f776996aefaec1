//! What must be on the disks: a command is on those of a majority before any server applies it.

use std::time::Instant;

use memchr::memmem::Finder;
use protocol::Index;

use super::ledger::{Committed, show_command};
use super::servers::Servers;
use super::service::Service;
use crate::runner::{Class, Failure};

/// The shortest command that is looked for, in bytes. The bytes of a shorter one may be anything else.
pub(super) const SHORTEST: usize = 8;

/// The same where it only helps to explain a failure.
pub(super) const SHORTEST_TO_TELL: usize = 3;

/// Whether a command is on a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Saved {
    Holds,
    /// It was there before one of the last saves with a new snapshot or a shorter state.
    Held,
    Not,
}

impl<S: Service> Servers<S> {
    /// Fails unless a majority has saved a command: servers save an entry before they acknowledge it (Figure 2),
    /// and only what a majority has acknowledged is committed.
    ///
    /// How a submission saves is its own affair. A command whose bytes are on no disk at all is not looked for:
    /// it is saved in some other form, or not yet, as in stage 2B.
    pub(crate) fn check_saved(&self, committed: &Committed) -> Result<(), Failure> {
        let Committed { index, command } = committed;
        if command.len() < SHORTEST || self.service.initial_members().is_some() {
            return Ok(());
        }
        let finder = Finder::new(command);
        let saved: Vec<usize> = (0..self.slots.len())
            .filter(|server| self.slots[*server].lock().disk.holds(&finder))
            .map(|server| self.number(server))
            .collect();
        if saved.is_empty() || saved.len() > self.slots.len() / 2 {
            return Ok(());
        }
        let without: Vec<usize> =
            (0..self.slots.len()).filter(|it| !saved.contains(&self.number(*it))).collect();
        let absences = without
            .iter()
            .filter_map(|server| self.describe_absence(*server, command, *index))
            .collect::<Vec<String>>();
        let now = Instant::now();
        let none_was_sent_it =
            without.iter().all(|server| self.was_sent(*server, command, now) == Some(false));
        let causes = if !absences.is_empty() {
            format!("; {}", absences.join("; "))
        } else if none_was_sent_it {
            "; no message that has reached another server held it: it was committed too early"
                .to_owned()
        } else {
            ": it was committed too early, acknowledged before it was saved, or lost from a disk since".to_owned()
        };
        Err(Failure::new(
            Class::Invariant,
            format!(
                "index {index} is applied only when a majority of the {} servers has it (section 5.3), on its disk \
                 before it acknowledges it (Figure 2)",
                self.slots.len()
            ),
            format!(
                "{} is applied at index {index}, and only the disks of servers {saved:?} hold it{causes}",
                show_command(command)
            ),
        ))
    }

    /// Why a server may count as one that has a command, although its disk does not hold it: it was there, the server has
    /// accepted it for an index, sent it to another one, or answered a message with it. `None` if nothing of this is known.
    fn describe_absence(&self, server: usize, command: &[u8], index: Index) -> Option<String> {
        if let Some(told) = self.describe_drop(server, command, "it") {
            return Some(told);
        }
        let number = self.number(server);
        if let Some(term) = self.service.accepted_in(command, server, index) {
            return Some(format!(
                "server {number} accepted it in term {term}, and its own disk does not hold it"
            ));
        }
        if self.wire().arrivals().is_from(command, &self.name(server)) {
            return Some(format!(
                "server {number} has sent it to others, and its own disk does not hold it"
            ));
        }
        self.describe_answered(server, command)
    }

    /// Whether a command is on a server's disk; `None` if it is on none, and was on none, so that one cannot tell.
    pub(crate) fn on_disk(&self, server: usize, command: &[u8]) -> Option<Saved> {
        if command.len() < SHORTEST_TO_TELL {
            return None;
        }
        let finder = Finder::new(command);
        let find = |server: usize| {
            let disk = &self.slots[server].lock().disk;
            match (disk.holds(&finder), disk.cut_of(&finder)) {
                (true, _) => Saved::Holds,
                (false, Some(_)) => Saved::Held,
                (false, None) => Saved::Not,
            }
        };
        (0..self.slots.len()).any(|other| find(other) != Saved::Not).then(|| find(server))
    }

    /// Whether the bytes of a command are on a server's disk; `false` if it is too short to be sure.
    pub(crate) fn has_saved(&self, server: usize, command: &[u8]) -> bool {
        command.len() >= SHORTEST_TO_TELL
            && self.slots[server].lock().disk.holds(&Finder::new(command))
    }

    /// Until when the bytes of a command, called `it`, were on a server's disk, and by what save they went; `None` if
    /// they are there, if it is not known that they were, or if the command is too short to be sure.
    pub(crate) fn describe_drop(&self, server: usize, command: &[u8], it: &str) -> Option<String> {
        if command.len() < SHORTEST_TO_TELL {
            return None;
        }
        let finder = Finder::new(command);
        let disk = &self.slots[server].lock().disk;
        let cut = disk.cut_of(&finder)?;
        let what = if cut.has_new_snapshot { "a new snapshot" } else { "a shorter state" };
        let time = self.seconds_at(cut.at);
        let number = self.number(server);
        Some(format!(
            "the disk of server {number} held {it} until {time:.3} s, when it saved {what}"
        ))
    }

    /// After semicolons: whose disks hold the bytes of a value that a client wrote, and whose did until a new snapshot was
    /// saved; empty if none is known to.
    pub(crate) fn describe_place(&self, value: &[u8]) -> String {
        if value.len() < SHORTEST_TO_TELL {
            return String::new();
        }
        let finder = Finder::new(value);
        let (mut hold, mut held) = (Vec::new(), Vec::new());
        for server in 0..self.slots.len() {
            let disk = &self.slots[server].lock().disk;
            if disk.holds(&finder) {
                hold.push(self.number(server));
            } else if disk.cut_of(&finder).is_some_and(|cut| cut.has_new_snapshot) {
                held.push(self.number(server));
            }
        }
        let mut place = String::new();
        if !hold.is_empty() {
            place.push_str(&format!("; the disks of servers {hold:?} hold it"));
        }
        if !held.is_empty() {
            place.push_str(&format!(
                "; the disks of servers {held:?} held it until a snapshot without it was saved"
            ));
        }
        place
    }

    /// Whether the bytes of a command are in the snapshot on a server's disk, and not in its Raft state.
    pub(crate) fn is_in_snapshot(&self, server: usize, command: &[u8]) -> bool {
        let finder = Finder::new(command);
        let disk = &self.slots[server].lock().disk;
        finder.find(&disk.state).is_none() && finder.find(&disk.snapshot).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::super::unstarted::{accept, call_with, cluster, save};
    use super::Committed;

    /// A command that is long enough to be sure.
    const COMMAND: &str = "a command";

    #[test]
    fn place_of_a_value_is_told() {
        let cluster = cluster(3);
        let place = || cluster.servers.describe_place(COMMAND.as_bytes());
        assert_eq!(place(), "");
        for server in [0, 1] {
            cluster.servers.slots[server].lock().disk.state = COMMAND.as_bytes().to_vec();
        }
        assert_eq!(place(), "; the disks of servers [0, 1] hold it");
        save(&cluster, 1, b"", Some(b"a snapshot"));
        let told = "; the disks of servers [0] hold it; the disks of servers [1] held it until a snapshot without it \
                    was saved";
        assert_eq!(place(), told);
    }

    #[test]
    fn servers_that_should_have_a_command_are_told() {
        let cluster = cluster(5);
        let servers = &cluster.servers;
        let committed = Committed { index: 1, command: COMMAND.as_bytes().to_vec() };
        let put = |server: usize| {
            servers.slots[server].lock().disk.state = COMMAND.as_bytes().to_vec();
        };
        put(3);
        put(4);
        let told = || servers.check_saved(&committed).expect_err("two of five have it").seen;
        assert!(told().ends_with("[3, 4] hold it: it was committed too early, acknowledged before it was saved, or lost \
                                  from a disk since"), "{}", told());
        call_with(&cluster, 3, 4, "Raft.AppendEntries", COMMAND.as_bytes());
        let early =
            "; no message that has reached another server held it: it was committed too early";
        assert!(told().ends_with(early), "{}", told());
        accept(&cluster, 0, COMMAND, (1, 1));
        call_with(&cluster, 0, 1, "Raft.AppendEntries", COMMAND.as_bytes());
        let accepted = "; server 0 accepted it in term 1, and its own disk does not hold it; server 1 was sent it by \
                        server 0 at 0.";
        assert!(told().contains(accepted), "{}", told());
        assert!(told().ends_with(" s, and answered; its disk does not hold it"), "{}", told());
        put(0);
        assert!(servers.check_saved(&committed).is_ok());
    }
}
