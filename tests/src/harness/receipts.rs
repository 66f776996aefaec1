//! Which servers got a command in a message, in words.

use std::time::Instant;

use super::ledger::show_command;
use super::names::server_name;
use super::saved::{SHORTEST_TO_TELL, Saved};
use super::servers::Servers;
use super::service::Service;

/// How many answered requests that are all alike show that a leader has nothing new to send: heartbeats of a few seconds.
const HEARTBEATS: usize = 20;

/// How a server got a command.
pub(super) struct Receipt {
    pub(super) from: String,
    pub(super) at: Instant,
    pub(super) is_answered: bool,
}

impl<S: Service> Servers<S> {
    /// What a server has got of a command, to follow `server 1 applies ...`: empty if that cannot be told.
    pub(crate) fn describe_receipt(&self, server: usize, command: &[u8]) -> String {
        let shown = show_command(command);
        match self.find_receipt(server, command, Instant::now()) {
            None => String::new(),
            Some(None) => format!("; no message that reached it held {shown}"),
            Some(Some(Receipt { from, at, is_answered })) => {
                let time = self.seconds_at(at);
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
        let time = self.seconds_at(at);
        let (number, saved) = (self.number(server), self.describe_save(server, command));
        Some(format!("server {number} was sent it by {from} at {time:.3} s, and answered{saved}"))
    }

    /// Whether a message with a command had reached a server before some time; `None` if that cannot be told.
    pub(crate) fn was_sent(&self, server: usize, command: &[u8], before: Instant) -> Option<bool> {
        self.find_receipt(server, command, before).map(|receipt| receipt.is_some())
    }

    /// How a server got a command before some time; `None` if that cannot be told, because the command is too short, or
    /// was in no message as it is.
    pub(super) fn find_receipt(
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
        let Some(from) = self.slot_of(leader) else {
            return false;
        };
        let wire = self.wire();
        let others = (0..self.slots.len()).filter(|slot| *slot != from);
        let sent = others.map(|slot| {
            wire.arrivals().count_different([&self.name(from), &self.name(slot)], since)
        });
        let mut answered = sent.filter(|(answered, _)| *answered > 0).peekable();
        answered.peek().is_some()
            && answered.all(|(count, different)| count >= HEARTBEATS && different == Some(1))
    }

    /// Whether a server's disk holds a command, to follow what it was sent; empty if that is not known.
    pub(super) fn describe_save(&self, server: usize, command: &[u8]) -> &'static str {
        match self.on_disk(server, command) {
            Some(Saved::Not) => "; its disk does not hold it",
            Some(Saved::Held) => "; its disk does not hold it any more",
            Some(Saved::Holds) => "; its disk holds it",
            None => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::super::unstarted::{call, call_with, cluster};
    use super::HEARTBEATS;

    const APPEND: &str = "Raft.AppendEntries";

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
}
