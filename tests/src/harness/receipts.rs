//! Which servers got a command in a message, in words.

use std::time::Instant;

use protocol::{Index, Started};

use super::RaftCluster;
use super::ledger::show_command;
use super::names::server_name;
use super::saved::{SHORTEST_TO_TELL, Saved};
use super::servers::Servers;
use super::service::Service;

/// From how many answered requests on it is worth saying that they are alike: more than there are heartbeats in a few
/// seconds.
const MANY: usize = 100;

/// How many answered requests that are all alike show that a leader has nothing new to send: heartbeats of a few seconds.
const HEARTBEATS: usize = 20;

/// How many different requests among many are worth saying.
const FEW: usize = 3;

/// How a server got a command.
struct Receipt {
    from: String,
    at: Instant,
    is_answered: bool,
}

impl<S: Service> Servers<S> {
    /// What a server has got of a command, to follow `server 1 applies ...`: empty if that cannot be told.
    pub(crate) fn describe_receipt(&self, server: usize, command: &[u8]) -> String {
        let shown = show_command(command);
        match self.find_receipt(server, command, Instant::now()) {
            None => String::new(),
            Some(None) => format!("; no message that reached it held {shown}"),
            Some(Some(Receipt { from, at, is_answered })) => {
                let time = self.elapsed().saturating_sub(at.elapsed()).as_secs_f64();
                let answered = if is_answered { ", and answered" } else { "" };
                let saved = self.describe_save(server, command);
                format!("; it was sent {shown} by {from} at {time:.3} s{answered}{saved}")
            }
        }
    }

    /// That a server has answered a message with a command; `None` if it is not known to have.
    pub(crate) fn describe_answered(&self, server: usize, command: &[u8]) -> Option<String> {
        let receipt = self.find_receipt(server, command, Instant::now()).flatten();
        let Receipt { from, at, .. } = receipt.filter(|receipt| receipt.is_answered)?;
        let time = self.elapsed().saturating_sub(at.elapsed()).as_secs_f64();
        let (number, saved) = (self.number(server), self.describe_save(server, command));
        Some(format!("server {number} was sent it by {from} at {time:.3} s, and answered{saved}"))
    }

    /// Whether a message with a command had reached a server before some time; `None` if that cannot be told.
    pub(crate) fn was_sent(&self, server: usize, command: &[u8], before: Instant) -> Option<bool> {
        self.find_receipt(server, command, before).map(|receipt| receipt.is_some())
    }

    /// How a server got a command before some time; `None` if that cannot be told, because the command is too short, or
    /// was in no message as it is.
    fn find_receipt(
        &self,
        server: usize,
        command: &[u8],
        before: Instant,
    ) -> Option<Option<Receipt>> {
        let wire = self.wire();
        let arrivals = wire.arrivals();
        if command.len() < SHORTEST_TO_TELL || !arrivals.has_seen(command) {
            return None;
        }
        let request = arrivals.last_with(command, &server_name(server), before);
        Some(request.map(|request| Receipt {
            from: request.from.replace('-', " "),
            at: request.at,
            is_answered: request.is_answered(),
        }))
    }

    /// Whether a leader has sent each of the others nothing but the same request since some time.
    pub(crate) fn repeats_itself(&self, leader: usize, since: Instant) -> bool {
        let slots = 0..self.slots.len();
        let Some(from) = slots.clone().find(|slot| self.number(*slot) == leader) else {
            return false;
        };
        let wire = self.wire();
        let others = slots.filter(|slot| *slot != from);
        let sent = others.map(|slot| {
            wire.arrivals().count_different([&self.name(from), &self.name(slot)], since)
        });
        let mut answered = sent.filter(|(answered, _)| *answered > 0).peekable();
        answered.peek().is_some()
            && answered.all(|(count, different)| count >= HEARTBEATS && different == Some(1))
    }

    /// Whether a server's disk holds a command, to follow what it was sent; empty if that is not known.
    fn describe_save(&self, server: usize, command: &[u8]) -> &'static str {
        match self.on_disk(server, command) {
            Some(Saved::Not) => "; its disk does not hold it",
            Some(Saved::Held) => "; its disk does not hold it any more",
            Some(Saved::Holds) => "; its disk holds it",
            None => "",
        }
    }
}

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
        let proposals = self.servers.service.proposed.lock();
        if proposals.accepted_in(&command, server, next).is_some() {
            return String::new();
        }
        drop(proposals);
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
                        if holds { "holds it" } else { "does not hold it" }
                    )
                });
                let now = now.unwrap_or_default();
                format!(
                    "; it was sent {shown}, the command at index {next}, by {from} {ago:.1} s ago, {answered}{saved}{now}"
                )
            }
        }
    }

    /// That one server's requests to another are all alike, if there are many since some time; empty if not.
    pub(super) fn describe_sameness(&self, from: usize, to: usize, since: Instant) -> String {
        let [from, to] = [from, to].map(server_name);
        let (answered, different) =
            self.servers.wire().arrivals().count_different([&from, &to], since);
        match different {
            Some(1) if answered >= MANY => ", all the same, with the same reply".to_owned(),
            Some(few @ 2..=FEW) if answered >= MANY => {
                format!(", only {few} different ones among them, each with the same reply")
            }
            _ => String::new(),
        }
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

    use super::super::unstarted::{apply, call, call_with, cluster};
    use super::{HEARTBEATS, Index, MANY};

    const APPEND: &str = "Raft.AppendEntries";

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
        assert_eq!(goes_on, format!("{sent}; what server 0 sends does not hold it"));
        let newest = cluster.describe_lack(1, Some(("newest", 1)), None);
        assert_eq!(newest, never, "what has been applied counts");
        let sender = Some((0, Instant::now()));
        assert_eq!(cluster.describe_lack(1, None, sender), never);
        let snapshot = labgob::encode(&(1 as Index, vec![b"first".to_vec()]));
        cluster.servers.service.snapshots.lock().save(0, &snapshot).expect("it is one");
        assert_eq!(
            cluster.describe_lack(1, None, sender),
            format!("{never}, which server 0 has only in its snapshot up to index 1")
        );
    }

    #[test]
    fn what_a_server_got_that_applies_another_command_is_told() {
        let cluster = cluster(3);
        let servers = &cluster.servers;
        assert_eq!(servers.describe_receipt(1, b"first"), "");
        call_with(&cluster, 0, 2, APPEND, b"..first..");
        let none = "; no message that reached it held \"first\"";
        assert_eq!(servers.describe_receipt(1, b"first"), none);
        let got = servers.describe_receipt(2, b"first");
        assert!(got.starts_with("; it was sent \"first\" by server 0 at 0."), "{got}");
        assert!(got.ends_with(" s, and answered"), "{got}");
    }

    #[test]
    fn leader_with_nothing_new_is_known() {
        let cluster = cluster(3);
        let begun = Instant::now();
        let repeats = || cluster.servers.repeats_itself(0, begun);
        assert!(!repeats(), "it has sent nothing");
        (0..HEARTBEATS).for_each(|_| call(&cluster, APPEND, 0, 1));
        assert!(repeats(), "server 2 is down");
        call(&cluster, APPEND, 0, 2);
        assert!(!repeats(), "server 2 has just come");
        (0..HEARTBEATS).for_each(|_| call(&cluster, APPEND, 0, 2));
        assert!(repeats());
        call_with(&cluster, 0, 1, APPEND, b"an entry");
        assert!(!repeats());
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
    }
}
