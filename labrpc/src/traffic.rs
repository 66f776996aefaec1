//! The state of a network: who is on it, its messages, and its calls.

use std::collections::BTreeMap;
use std::ops::RangeBounds;
use std::sync::Arc;
use std::time::Instant;

use rand::SeedableRng;
use rand::rngs::SmallRng;

use crate::conditions::{Conditions, Delay};
use crate::effect::Effect;
use crate::event::{DropReason, EventKind};
use crate::message::{Decision, EndId, Fate, HeldMessage, Leg, MessageId};
use crate::outcome::Outcome;
use crate::packet::Packet;
use crate::pending::{CALL_TIMEOUT, Done, EndedCall, PendingCalls};
use crate::refusal::Refusal;
use crate::responder::Handle;
use crate::schedule::{Action, Schedule};
use crate::tap::Tap;
use crate::topology::Topology;

/// How long a call takes to fail after its end was closed, or its server replaced or deleted.
const DISCONNECT_DELAY: Delay = Delay::millis(0, 99);

/// What a network has carried since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// The number of requests that callers have sent, including lost ones but not duplicates.
    pub requests: u64,
    /// The encoded bytes of these requests and of all replies that were delivered.
    pub bytes: u64,
}

/// Everything behind the one lock of a network. How messages move is in `sending.rs`.
pub(crate) struct Traffic {
    pub(crate) topology: Topology,
    pub(crate) tap: Tap,
    pub(crate) totals: Totals,
    /// The only source of randomness. A seed reproduces a run as long as the draws keep their order.
    pub(crate) rng: SmallRng,
    pub(crate) schedule: Schedule,
    /// What is to be done as soon as the lock is free.
    pub(crate) effects: Vec<Effect>,
    calls: PendingCalls,
    /// Whether the schedule has the timeout of a call. One is enough, since calls time out in the order in
    /// which they began.
    timeout_scheduled: bool,
    /// In the order of their numbers, which is the order in which they were sent.
    held: BTreeMap<MessageId, Packet>,
    /// The number of the newest message.
    newest: u64,
    closed: bool,
}

impl Traffic {
    pub(crate) fn new(seed: u64) -> Self {
        Traffic {
            topology: Topology::default(),
            tap: Tap::default(),
            totals: Totals::default(),
            rng: SmallRng::seed_from_u64(seed),
            schedule: Schedule::default(),
            effects: Vec::new(),
            calls: PendingCalls::default(),
            timeout_scheduled: false,
            held: BTreeMap::new(),
            newest: 0,
            closed: false,
        }
    }

    pub(crate) fn next_id(&mut self) -> MessageId {
        self.newest += 1;
        MessageId(self.newest)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Registers a call and makes its request. A call that cannot begin ends at once.
    pub(crate) fn begin_call(
        &mut self,
        end: EndId,
        method: Arc<str>,
        args: Vec<u8>,
        done: Done,
    ) -> Option<Packet> {
        if self.closed || !self.topology.has_end(end) {
            let outcome = if self.closed {
                Outcome::Failed
            } else {
                Outcome::Refused(Refusal::new(format!("no client end {}", end.0)))
            };
            self.effects.push(Effect::Done { done, outcome });
            return None;
        }
        self.totals.requests += 1;
        self.totals.bytes += args.len() as u64;
        let id = self.next_id();
        self.calls.add(id, end, method.clone(), done);
        if !self.timeout_scheduled {
            self.timeout_scheduled = true;
            self.schedule.add(Instant::now() + CALL_TIMEOUT, Action::TimeOut);
        }
        Some(Packet {
            id,
            call: id,
            leg: Leg::Request,
            end,
            epoch: self.topology.epoch_of(end),
            incarnation: self.topology.incarnation_of(end),
            method,
            bytes: args,
        })
    }

    /// Ends a call. Does nothing if it has ended before.
    pub(crate) fn end_call(&mut self, call: MessageId, outcome: Outcome) {
        if let Some(ended) = self.calls.remove(call) {
            if !matches!(outcome, Outcome::Reply(_)) {
                self.tell_unanswered(call, &ended);
            }
            self.effects.push(Effect::Done { done: ended.done, outcome });
        }
    }

    /// Tells the listener that a call has ended without a reply.
    fn tell_unanswered(&mut self, call: MessageId, ended: &EndedCall) {
        let request = Packet {
            id: call,
            call,
            leg: Leg::Request,
            end: ended.end,
            epoch: 0,
            incarnation: 0,
            method: ended.method.clone(),
            bytes: Vec::new(),
        };
        self.tell(&request, EventKind::Unanswered(ended.why));
    }

    /// Makes a call fail at `when` unless it ends before.
    fn fail_call_at(&mut self, call: MessageId, when: Instant, why: DropReason) {
        if self.calls.fails_at(call, when, why) {
            self.schedule.add(when, Action::Fail(call));
        }
    }

    /// Makes the calls on certain ends fail soon.
    fn fail_calls_on(&mut self, why: DropReason, is_meant: impl Fn(&Topology, EndId) -> bool) {
        let now = Instant::now();
        for call in self.calls.on_ends(|end| is_meant(&self.topology, end)) {
            let delay = DISCONNECT_DELAY.draw(&mut self.rng);
            self.fail_call_at(call, now + delay, why);
        }
    }

    /// Fails the calls that have timed out.
    pub(crate) fn time_out(&mut self) {
        let now = Instant::now();
        self.timeout_scheduled = false;
        while let Some((call, times_out_at)) = self.calls.oldest() {
            if times_out_at > now {
                self.timeout_scheduled = true;
                return self.schedule.add(times_out_at, Action::TimeOut);
            }
            self.end_call(call, Outcome::Failed);
        }
    }

    /// Opens or closes an end. The calls on an end that closes will fail soon.
    pub(crate) fn enable(&mut self, end: EndId, open: bool) {
        if self.topology.enable(end, open) {
            self.fail_calls_on(DropReason::EndClosed, |_, other| other == end);
        }
    }

    /// Adds, replaces or deletes the server of a name. Calls to the old server will fail soon.
    ///
    /// Returns the server that is no longer needed: what drops it must not hold the lock, because it runs
    /// code that is not of this crate.
    pub(crate) fn set_server(&mut self, name: &str, server: Option<Handle>) -> Option<Handle> {
        if self.closed {
            return server;
        }
        let old = self.topology.set_server(name, server);
        if old.is_some() {
            self.fail_calls_on(DropReason::ServerGone, |topology, end| {
                topology.server_of(end) == name
            });
        }
        old
    }

    /// Tells the listener what happens to a packet.
    pub(crate) fn tell(&mut self, packet: &Packet, kind: EventKind) {
        self.tap.tell(self.topology.message(packet), kind);
    }

    /// Asks the hook what is to happen to a packet.
    pub(crate) fn decide(&mut self, packet: &Packet) -> Decision {
        self.tap.decide(self.topology.message(packet))
    }

    /// What the link of a packet may do to it. From now on the generator draws what is left to chance.
    pub(crate) fn conditions_of(&mut self, packet: &Packet) -> Conditions {
        let conditions = self.topology.conditions_of(packet.end);
        match self.tap.fate(self.topology.message(packet)) {
            None => conditions,
            Some(Fate::Plain) => conditions.plain(),
            Some(Fate::Drawn(seed)) => {
                self.rng = SmallRng::seed_from_u64(seed);
                conditions
            }
        }
    }

    /// Why a packet cannot be delivered, if there is a reason.
    pub(crate) fn obstacle(&self, packet: &Packet) -> Option<DropReason> {
        let caller_gone = packet.leg == Leg::Reply && !self.calls.contains(packet.call);
        self.topology.obstacle(packet).or(caller_gone.then_some(DropReason::CallerGone))
    }

    /// Drops a packet that cannot be delivered. Its caller learns of it after the failure delay.
    pub(crate) fn fail_after_delay(&mut self, packet: &Packet, reason: DropReason) {
        self.tell(packet, EventKind::Dropped(reason));
        let conditions = self.conditions_of(packet);
        let delay = conditions.failure_delay.draw(&mut self.rng);
        if delay.is_zero() {
            self.fail_call(packet.call, reason);
        } else {
            self.fail_call_at(packet.call, Instant::now() + delay, reason);
        }
    }

    /// Drops a packet. Its caller learns of it at once.
    pub(crate) fn fail_at_once(&mut self, packet: &Packet, reason: DropReason) {
        self.tell(packet, EventKind::Dropped(reason));
        self.fail_call(packet.call, reason);
    }

    /// Notes why a call is about to fail.
    pub(crate) fn blame(&mut self, call: MessageId, why: DropReason) {
        self.calls.blame(call, why);
    }

    /// Makes a call fail now.
    fn fail_call(&mut self, call: MessageId, why: DropReason) {
        self.calls.blame(call, why);
        self.end_call(call, Outcome::Failed);
    }

    /// Holds a packet. Its caller waits as for a slow message: only the timeout of all calls can end the
    /// call now, and neither its end nor its server can.
    pub(crate) fn hold(&mut self, packet: Packet) {
        self.tell(&packet, EventKind::Held);
        self.calls.hold(packet.call);
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

    pub(crate) fn held_messages(&self, sent: impl RangeBounds<MessageId>) -> Vec<HeldMessage> {
        let held = self.held.range(sent);
        held.map(|(_, packet)| HeldMessage::from(self.topology.message(packet))).collect()
    }

    /// Fails all calls, and all later ones. Returns the servers, for the same reason as
    /// [`Traffic::set_server`].
    pub(crate) fn close(&mut self) -> Vec<Handle> {
        self.closed = true;
        self.held.clear();
        self.schedule.clear();
        let failed = self.calls.take();
        let failed = failed.map(|done| Effect::Done { done, outcome: Outcome::Failed });
        self.effects.extend(failed);
        self.topology.take_servers()
    }
}
