//! What happens to the messages of a cluster.

use std::sync::Arc;

use labrpc::{Decision, HeldMessage, MessageId, Network};
use parking_lot::Mutex;

use super::messages::{Messages, requests, votes};
use super::rules::Rules;
use crate::harness::server_name;

/// The messages of a network that a test decides about. Of several rules for a message, the newest counts.
pub(in crate::suites) struct Traffic {
    network: Network,
    rules: Arc<Mutex<Rules>>,
}

impl Traffic {
    /// Takes over a network. All messages pass.
    pub(in crate::suites) fn begin(network: &Network) -> Self {
        let rules: Arc<Mutex<Rules>> = Arc::default();
        let shared = rules.clone();
        network.intercept(move |message| shared.lock().decide(message));
        Traffic { network: network.clone(), rules }
    }

    /// From now on these messages arrive at once.
    pub(in crate::suites) fn pass(&self, messages: Messages) {
        self.rules.lock().add(messages, Decision::Deliver);
    }

    /// From now on these messages are lost.
    pub(in crate::suites) fn lose(&self, messages: Messages) {
        self.rules.lock().add(messages, Decision::Drop);
    }

    /// From now on these messages are held, until they are released.
    pub(in crate::suites) fn hold(&self, messages: Messages) {
        self.rules.lock().add(messages, Decision::Hold);
    }

    /// From now on these messages arrive twice.
    pub(in crate::suites) fn double(&self, messages: Messages) {
        self.rules.lock().add(messages, Decision::Duplicate);
    }

    /// The held ones of these messages, oldest first.
    pub(in crate::suites) fn held(&self, messages: &Messages) -> Vec<HeldMessage> {
        self.held_after(messages, None)
    }

    /// The held ones of these messages that were sent after another message, oldest first.
    pub(super) fn held_after(
        &self,
        messages: &Messages,
        last: Option<MessageId>,
    ) -> Vec<HeldMessage> {
        let meant = |held: &HeldMessage| {
            messages.include(held.leg, &held.method, [&held.from, &held.to], held.bytes.len())
        };
        let held = last.map_or_else(|| self.network.held(), |last| self.network.held_after(last));
        held.into_iter().filter(meant).collect()
    }

    /// Lets the held ones of these messages arrive, oldest first. Says how many there were.
    pub(in crate::suites) fn release(&self, messages: Messages) -> usize {
        let held = self.held(&messages);
        held.iter().for_each(|message| {
            self.network.release(message.id);
        });
        held.len()
    }

    /// Loses the held ones of these messages.
    pub(in crate::suites) fn discard(&self, messages: &Messages) {
        for held in self.held(messages) {
            self.network.discard(held.id);
        }
    }

    /// How many of these messages have passed so far. To be lost later, on its way, does not count.
    pub(in crate::suites) fn passed(&self, messages: &Messages) -> usize {
        self.rules.lock().count(messages, &[Decision::Deliver, Decision::Duplicate])
    }

    /// How many of these messages have been lost so far.
    pub(in crate::suites) fn lost(&self, messages: &Messages) -> usize {
        self.rules.lock().count(messages, &[Decision::Drop])
    }

    /// How many different requests for votes a server has sent so far. What one of its threads sends again, or sends late,
    /// is in the words of an earlier candidacy, and no sign of another one.
    pub(in crate::suites) fn asked(&self, server: usize) -> usize {
        self.rules.lock().asked(&server_name(server))
    }

    /// Whether a server has stood for election since a message was sent: a request of it for a vote is held that is in new
    /// words.
    pub(in crate::suites) fn has_stood_since(&self, server: usize, message: MessageId) -> bool {
        let held = self.held_after(&votes().from(server), Some(message));
        let rules = self.rules.lock();
        held.iter().any(|held| rules.first_in_words_of(held) > Some(message))
    }

    /// From now on no request of this server passes, and none to it.
    pub(in crate::suites) fn cut_off(&self, server: usize) {
        self.lose(requests().from(server));
        self.lose(requests().to(server));
    }

    /// From now on no request passes between these two servers.
    pub(in crate::suites) fn cut_link(&self, one: usize, other: usize) {
        self.lose(requests().from(one).to(other));
        self.lose(requests().from(other).to(one));
    }
}
