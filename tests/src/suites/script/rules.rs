//! What a script has decided about messages, and how many have passed and been lost.

use std::collections::BTreeMap;

use labrpc::{Decision, HeldMessage, Leg, Message, MessageId};

use super::messages::{Messages, votes};

/// The rules of a script, oldest first, and what they have done.
#[derive(Default)]
pub(super) struct Rules {
    rules: Vec<(Messages, Decision)>,
    decided: Vec<Decided>,
    /// By sender, the different requests for votes that it has sent: the method and the bytes, and the first such message.
    asked: BTreeMap<String, BTreeMap<(String, Vec<u8>), MessageId>>,
}

/// A message that was sent, and what has become of it.
struct Decided {
    decision: Decision,
    leg: Leg,
    method: String,
    from: String,
    to: String,
    length: usize,
}

impl Rules {
    /// Adds a rule, which goes before all others.
    pub(super) fn add(&mut self, messages: Messages, decision: Decision) {
        // Of two rules for the same messages the older one can never count again.
        self.rules.retain(|(other, _)| *other != messages);
        self.rules.push((messages, decision));
    }

    /// What happens to a message that is sent now.
    pub(super) fn decide(&mut self, message: &Message<'_>) -> Decision {
        let Message { leg, method, from, to, bytes, .. } = *message;
        let length = bytes.len();
        let meant = |rule: &&(Messages, Decision)| rule.0.include(leg, method, [from, to], length);
        let decision = self.rules.iter().rev().find(meant).map_or(Decision::Deliver, |rule| rule.1);
        let [method, from, to] = [method, from, to].map(str::to_owned);
        if votes().include(leg, &method, [&from, &to], length) {
            let asked = self.asked.entry(from.clone()).or_default();
            asked.entry((method.clone(), bytes.to_vec())).or_insert(message.id);
        }
        self.decided.push(Decided { decision, leg, method, from, to, length });
        decision
    }

    /// How many different requests for votes a server has sent so far.
    pub(super) fn asked(&self, server: &str) -> usize {
        self.asked.get(server).map_or(0, BTreeMap::len)
    }

    /// The first request for a vote that its sender has sent in these words.
    pub(super) fn first_in_words_of(&self, held: &HeldMessage) -> Option<MessageId> {
        let words = (held.method.clone(), held.bytes.clone());
        self.asked.get(&held.from)?.get(&words).copied()
    }

    /// How many of these messages have met one of these decisions so far.
    pub(super) fn count(&self, messages: &Messages, decisions: &[Decision]) -> usize {
        let meant = |sent: &&Decided| {
            decisions.contains(&sent.decision)
                && messages.include(sent.leg, &sent.method, [&sent.from, &sent.to], sent.length)
        };
        self.decided.iter().filter(meant).count()
    }
}

#[cfg(test)]
mod tests {
    use labrpc::MessageId;

    use super::*;

    #[test]
    fn request_for_a_vote_that_is_sent_again_is_counted_once() {
        let mut rules = Rules::default();
        let mut send = |method, to, bytes| {
            let id = MessageId(0);
            let from = "server-1";
            rules.decide(&Message { id, call: id, leg: Leg::Request, from, to, method, bytes });
            rules.asked("server-1")
        };
        const VOTE: &str = "Raft.RequestVote";
        assert_eq!(send(VOTE, "server-0", b"term 1"), 1);
        assert_eq!(send(VOTE, "server-2", b"term 1"), 1);
        assert_eq!(send("Raft.AppendEntries", "server-2", b"entries"), 1);
        assert_eq!(send("Raft.PreVote", "server-2", b"term 1"), 2, "it is another question");
        assert_eq!(send(VOTE, "server-0", b"term 2"), 3);
        assert_eq!(send(VOTE, "server-0", b"term 1"), 3, "it is late");
        assert_eq!(rules.asked("server-2"), 0);
    }
}
