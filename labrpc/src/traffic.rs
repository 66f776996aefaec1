//! The messages of a network: how they are numbered, counted, dropped and held.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use rand::SeedableRng;
use rand::rngs::SmallRng;

use crate::call::{Call, Outcome};
use crate::event::{DropReason, EventKind};
use crate::message::{Decision, EndId, HeldMessage, Leg, MessageId};
use crate::packet::Packet;
use crate::tap::Tap;
use crate::topology::Topology;

/// What a network has carried since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// The number of requests that callers have sent, including lost ones but not duplicates.
    pub requests: u64,
    /// The encoded bytes of these requests and of all replies that were delivered.
    pub bytes: u64,
}

/// Everything behind the one lock of a network: who is on it, and the messages between them.
pub(crate) struct Traffic {
    pub(crate) topology: Topology,
    pub(crate) tap: Tap,
    pub(crate) totals: Totals,
    /// The only source of randomness. A seed reproduces a run as long as the draws keep their order.
    pub(crate) rng: SmallRng,
    /// In the order of their numbers, which is the order in which they were sent.
    held: BTreeMap<MessageId, Packet>,
    /// The number of the newest message.
    newest: u64,
    closed: bool,
}

/// What a caller hands to the network.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) args: Vec<u8>,
}

impl Traffic {
    pub(crate) fn new(seed: u64) -> Self {
        Traffic {
            topology: Topology::default(),
            tap: Tap::default(),
            totals: Totals::default(),
            rng: SmallRng::seed_from_u64(seed),
            held: BTreeMap::new(),
            newest: 0,
            closed: false,
        }
    }

    pub(crate) fn next_id(&mut self) -> MessageId {
        self.newest += 1;
        MessageId(self.newest)
    }

    /// Registers a call and makes its request. `None` once the network is closed.
    pub(crate) fn begin_call(
        &mut self,
        end: EndId,
        call: &Arc<Call>,
        request: Request<'_>,
    ) -> Option<Packet> {
        if self.closed {
            return None;
        }
        self.totals.requests += 1;
        self.totals.bytes += request.args.len() as u64;
        let id = self.next_id();
        self.topology.add_call(end, id, call.clone());
        Some(Packet {
            id,
            request: id,
            leg: Leg::Request,
            end,
            epoch: self.topology.epoch_of(end),
            incarnation: self.topology.incarnation_of(end),
            call: call.clone(),
            method: request.method.into(),
            bytes: request.args,
        })
    }

    /// Tells the listener what happens to a packet.
    pub(crate) fn tell(&mut self, packet: &Packet, kind: EventKind) {
        self.tap.tell(self.topology.message(packet), kind);
    }

    /// Asks the hook what is to happen to a packet.
    pub(crate) fn decide(&mut self, packet: &Packet) -> Decision {
        self.tap.decide(self.topology.message(packet))
    }

    /// Ends the call of a reply that arrives.
    pub(crate) fn deliver_reply(&mut self, mut reply: Packet) {
        if let Some(reason) = self.topology.obstacle(&reply) {
            return self.fail_after_delay(&reply, reason);
        }
        self.tell(&reply, EventKind::Delivered);
        self.totals.bytes += reply.bytes.len() as u64;
        reply.call.finish(Outcome::Reply(std::mem::take(&mut reply.bytes)));
    }

    /// Drops a packet that cannot be delivered. Its caller learns of it after the failure delay.
    pub(crate) fn fail_after_delay(&mut self, packet: &Packet, reason: DropReason) {
        self.tell(packet, EventKind::Dropped(reason));
        let conditions = self.topology.conditions_of(packet.end);
        let delay = conditions.failure_delay.draw(&mut self.rng);
        packet.call.fail_at(Instant::now() + delay);
    }

    /// Drops a packet. Its caller learns of it at once.
    pub(crate) fn fail_at_once(&mut self, packet: &Packet, reason: DropReason) {
        self.tell(packet, EventKind::Dropped(reason));
        packet.call.finish(Outcome::Failed);
    }

    /// Holds a packet. Its caller waits as for a slow message: only the timeout of all calls can end the
    /// call now, and neither its end nor its server can.
    pub(crate) fn hold(&mut self, packet: Packet) {
        self.tell(&packet, EventKind::Held);
        self.topology.remove_call(packet.end, packet.request);
        self.held.insert(packet.id, packet);
    }

    /// Takes a held packet out, as if it were sent now: what has been closed or replaced since then does
    /// not count.
    pub(crate) fn unhold(&mut self, message: MessageId) -> Option<Packet> {
        let mut packet = self.held.remove(&message)?;
        packet.epoch = self.topology.epoch_of(packet.end);
        if packet.leg == Leg::Request {
            packet.incarnation = self.topology.incarnation_of(packet.end);
        }
        Some(packet)
    }

    pub(crate) fn held_messages(&self) -> Vec<HeldMessage> {
        let messages = self.held.values().map(|packet| self.topology.message(packet));
        messages.map(HeldMessage::from).collect()
    }

    /// Fails all calls, and all later ones.
    pub(crate) fn close(&mut self) {
        self.closed = true;
        for packet in std::mem::take(&mut self.held).into_values() {
            packet.call.finish(Outcome::Failed);
        }
        for call in self.topology.take_calls() {
            call.finish(Outcome::Failed);
        }
    }
}
