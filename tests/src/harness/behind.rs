//! Why a server of a Raft test is behind, in words: what it lacks, what it may refuse, what it or its leader has lost.

use std::time::Instant;

use protocol::{Index, Started};

use super::RaftCluster;
use super::ledger::show_command;
use super::names::server_name;
use super::receipts::Receipt;

/// From how many answered requests on it is worth saying that they are alike: more than there are heartbeats in a few
/// seconds.
const MANY: usize = 100;

/// How many different requests among many are worth saying.
const FEW: usize = 3;

impl RaftCluster {
    /// What a server has got of the first command that it has not applied, to follow what it was sent: empty if that
    /// cannot be told. If that was applied nowhere, it is about `newest`, a command with its index. `sender` is a server
    /// that goes on to send, and since when.
    pub(super) fn describe_lack(
        &self,
        server: usize,
        newest: Option<(&str, Index)>,
        sender: Option<(usize, Instant)>,
    ) -> String {
        let ledger = self.servers.service.ledger.lock();
        let next = ledger.last_applied(server) + 1;
        let committed = ledger.command(next).map(|command| (command.to_vec(), next));
        drop(ledger);
        let newest = newest.map(|(command, index)| (command.as_bytes().to_vec(), index));
        let Some((command, next)) = committed.or(newest) else {
            return String::new();
        };
        let (own, newest) = {
            let proposals = self.servers.service.proposed.lock();
            (proposals.accepted_in(&command, server, next), proposals.newest_term_at(next))
        };
        if let Some(own) = own {
            return newest.filter(|newest| *newest > own).map_or_else(String::new, |newest| {
                format!(
                    "; it accepted {}, the command at index {next}, itself in term {own}, and another leader one in term {newest}: \
                     an entry of another term is replaced, also by the same command (section 5.3)",
                    show_command(&command)
                )
            });
        }
        let shown = show_command(&command);
        match self.servers.find_receipt(server, &command, Instant::now()) {
            None => String::new(),
            Some(None) => {
                let cut = sender.map(|(leader, _)| (leader, self.saved_snapshot(leader)));
                let cut = cut.filter(|(_, saved)| *saved >= next).map_or_else(
                    String::new,
                    |(leader, saved)| {
                        format!(
                            ", which server {leader} has only in its snapshot up to index {saved}"
                        )
                    },
                );
                format!(
                    "; no message that reached it held {shown}, the command at index {next}{cut}"
                )
            }
            Some(Some(Receipt { from, at, is_answered })) => {
                let ago = at.elapsed().as_secs_f64();
                let answered = if is_answered { "and answered" } else { "and no answer arrived" };
                let saved = self.servers.describe_save(server, &command);
                let now = sender.map(|(leader, since)| {
                    let link = [leader, server].map(server_name);
                    let wire = self.servers.wire();
                    let holds = wire.arrivals().has_brought(&command, [&link[0], &link[1]], since);
                    format!(
                        "; what server {leader} sends {}",
                        match holds {
                            true => "holds it",
                            false => "does not hold it: if it refuses that, nextIndex goes back (section 5.3)",
                        }
                    )
                });
                let now = now.unwrap_or_default();
                format!(
                    "; it was sent {shown}, the command at index {next}, by {from} {ago:.1} s ago, {answered}{saved}{now}"
                )
            }
        }
    }

    /// That one server's requests to another are all alike, if there are many since some time, and why that one may refuse
    /// them; empty if not.
    pub(super) fn describe_sameness(&self, from: usize, to: usize, since: Instant) -> String {
        let names = [from, to].map(server_name);
        let (answered, different) =
            self.servers.wire().arrivals().count_different([&names[0], &names[1]], since);
        match different {
            Some(few @ 1..=FEW) if answered >= MANY => {
                let alike = match few {
                    1 => ", all the same, with the same reply".to_owned(),
                    few => {
                        format!(", only {few} different ones among them, each with the same reply")
                    }
                };
                format!("{alike}{}", self.describe_boundaries([from, to]))
            }
            _ => String::new(),
        }
    }

    /// Where the logs of a sender and of a server that may refuse its entries begin, if they do so after snapshots; empty if
    /// not.
    fn describe_boundaries(&self, link: [usize; 2]) -> String {
        let begins = link.map(|server| match self.saved_snapshot(server) {
            0 => None,
            saved => {
                let restarted = self.servers.wire().restarted(&server_name(server));
                let restarted = restarted.map_or_else(String::new, |at| {
                    format!(", which restarted {:.1} s ago", at.elapsed().as_secs_f64())
                });
                Some(format!("that of server {server} after index {saved}{restarted}"))
            }
        });
        let begins = Vec::from_iter(begins.into_iter().flatten());
        if begins.is_empty() {
            return String::new();
        }
        format!(
            " (if server {} refuses them: a log that begins after a snapshot, {}, has the term of the snapshot's last entry for \
             prevLogTerm, also after a restart)",
            link[1],
            begins.join(", and ")
        )
    }

    /// That a server has answered an InstallSnapshot with the snapshot of another one, and has it neither on its disk nor in
    /// its service, to follow a sentence; empty if none is known.
    pub(super) fn describe_ignored_snapshot(&self, server: usize) -> String {
        let reached = self.saved_snapshot(server).max(self.last_applied(server));
        let others = (0..self.size()).filter(|other| self.saved_snapshot(*other) > reached);
        for other in others {
            let snapshot = self.servers.slots[other].lock().disk.snapshot.clone();
            let receipt = self.servers.find_receipt(server, &snapshot, Instant::now()).flatten();
            if let Some(Receipt { from, at, is_answered: true }) = receipt {
                return format!(
                    "; {from} sent it a snapshot up to index {} {:.1} s ago, and it answered: the answer comes after the \
                     snapshot is installed (Figure 13)",
                    self.saved_snapshot(other),
                    at.elapsed().as_secs_f64()
                );
            }
        }
        String::new()
    }

    /// The first entry that a server has accepted as leader and not applied, if it was on its disk and is not any more, to
    /// follow a sentence; empty if there is none.
    pub(super) fn describe_lost_entry(&self, server: usize) -> String {
        let applied = self.last_applied(server);
        let accepted = self.servers.service.proposed.lock().accepted_by(server, applied);
        let lost = accepted.into_iter().find_map(|(command, started)| {
            Some((self.servers.describe_drop(server, &command, "it")?, command, started))
        });
        lost.map_or_else(String::new, |(dropped, command, Started { index, term })| {
            format!(
                "; server {server} accepted {} for index {index} in term {term}: {dropped}, and only a leader's conflicting \
                 entry removes it (section 5.3)",
                show_command(&command)
            )
        })
    }

    /// That a server has accepted a command in a term that it was not seen to lead; empty if it was.
    pub(super) fn describe_no_leader(&self, server: usize, started: Started) -> String {
        match self.servers.elections.lock().leader_of(started.term) {
            Some(leader) if leader == server => String::new(),
            Some(leader) => format!(", which server {leader} leads"),
            None => ", in which no server was seen to lead".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use protocol::Index;

    use super::super::RaftCluster;
    use super::super::unstarted::{accept, apply, call, call_with, cluster, save};
    use super::MANY;

    const APPEND: &str = "Raft.AppendEntries";

    /// A server saves a snapshot up to an index. Returns what is in it.
    fn save_snapshot(cluster: &RaftCluster, server: usize, index: Index) -> Vec<u8> {
        let snapshot = labgob::encode(&(index, vec![b"first".to_vec(); index as usize]));
        let servers = &cluster.servers;
        servers.service.snapshots.lock().save(server, &snapshot).expect("it is one");
        save(cluster, server, b"", Some(&snapshot));
        snapshot
    }

    #[test]
    fn server_that_never_got_its_next_command_is_told() {
        let cluster = cluster(3);
        assert_eq!(cluster.describe_lack(1, None, None), "", "there is no command");
        apply(&cluster, 0, "first");
        assert_eq!(cluster.describe_lack(1, None, None), "", "how it is sent is not known");
        call_with(&cluster, 0, 2, APPEND, b"..first..");
        let never = "; no message that reached it held \"first\", the command at index 1";
        assert_eq!(cluster.describe_lack(1, None, None), never);
        let sent =
            "; it was sent \"first\", the command at index 1, by server 0 0.0 s ago, and answered";
        assert_eq!(cluster.describe_lack(2, None, None), sent);
        let goes_on = cluster.describe_lack(2, None, Some((0, Instant::now())));
        let later = "; what server 0 sends does not hold it: if it refuses that, nextIndex goes back (section 5.3)";
        assert_eq!(goes_on, format!("{sent}{later}"));
        let newest = cluster.describe_lack(1, Some(("newest", 1)), None);
        assert_eq!(newest, never, "what has been applied counts");
        let sender = Some((0, Instant::now()));
        assert_eq!(cluster.describe_lack(1, None, sender), never);
        save_snapshot(&cluster, 0, 1);
        assert_eq!(
            cluster.describe_lack(1, None, sender),
            format!("{never}, which server 0 has only in its snapshot up to index 1")
        );
    }

    #[test]
    fn snapshot_that_is_answered_and_not_installed_is_told() {
        let cluster = cluster(3);
        let snapshot = save_snapshot(&cluster, 0, 4);
        assert_eq!(cluster.describe_ignored_snapshot(1), "");
        call_with(&cluster, 0, 1, "Raft.InstallSnapshot", &snapshot);
        let told = cluster.describe_ignored_snapshot(1);
        assert!(
            told.starts_with("; server 0 sent it a snapshot up to index 4 0.0 s ago"),
            "{told}"
        );
        save_snapshot(&cluster, 1, 4);
        assert_eq!(cluster.describe_ignored_snapshot(1), "");
    }

    #[test]
    fn entry_that_a_leader_has_dropped_is_told() {
        let cluster = cluster(3);
        accept(&cluster, 0, "first", (1, 2));
        save(&cluster, 0, b"state: first", None);
        assert_eq!(cluster.describe_lost_entry(0), "", "it is there");
        save(&cluster, 0, b"state", None);
        let told = cluster.describe_lost_entry(0);
        let start = "; server 0 accepted \"first\" for index 1 in term 2: the disk of server 0 held it until 0.";
        assert!(told.starts_with(start), "{told}");
        apply(&cluster, 0, "another");
        assert_eq!(cluster.describe_lost_entry(0), "", "the index is applied");
    }

    #[test]
    fn entry_of_an_older_term_that_is_kept_is_told() {
        let cluster = cluster(3);
        accept(&cluster, 1, "first", (1, 1));
        apply(&cluster, 0, "first");
        assert_eq!(cluster.describe_lack(1, None, None), "", "no other leader has one");
        accept(&cluster, 0, "first", (1, 3));
        let told = cluster.describe_lack(1, None, None);
        let kept = "; it accepted \"first\", the command at index 1, itself in term 1, and another leader one in term 3: an";
        assert!(told.starts_with(kept), "{told}");
    }

    #[test]
    fn many_messages_that_are_alike_are_told() {
        let cluster = cluster(3);
        let begun = cluster.begin_to_wait();
        (1..MANY).for_each(|_| call(&cluster, APPEND, 0, 1));
        assert_eq!(cluster.describe_sameness(0, 1, begun.since), "");
        call(&cluster, APPEND, 0, 1);
        let same = ", all the same, with the same reply";
        assert_eq!(cluster.describe_sameness(0, 1, begun.since), same);
        call_with(&cluster, 0, 1, APPEND, b"another");
        let two = ", only 2 different ones among them, each with the same reply";
        assert_eq!(cluster.describe_sameness(0, 1, begun.since), two);
        save_snapshot(&cluster, 0, 1);
        let refused = cluster.describe_sameness(0, 1, begun.since);
        let begins = " (if server 1 refuses them: a log that begins after a snapshot, that of server 0 after index 1, has";
        assert!(refused.contains(begins), "{refused}");
    }
}
