//! What a script has decided about messages, and how many have passed and been lost.

use labrpc::{Decision, Leg, Message};

use super::messages::Messages;

/// The rules of a script, oldest first, and what they have done.
#[derive(Default)]
pub(super) struct Rules {
    rules: Vec<(Messages, Decision)>,
    decided: Vec<Decided>,
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
        self.decided.push(Decided { decision, leg, method, from, to, length });
        decision
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
