//! The way of a message: a request from its caller to the server, and the reply back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::conditions::chance;
use crate::effect::Effect;
use crate::event::{DropReason, EventKind};
use crate::message::{Decision, EndId, Leg, MessageId};
use crate::outcome::Outcome;
use crate::packet::Packet;
use crate::pending::Done;
use crate::responder::Answer;
use crate::schedule::Action;
use crate::traffic::Traffic;

impl Traffic {
    /// Begins a call. Returns whether its request is under way without a delay, so that the reply may come
    /// soon.
    pub(crate) fn call(&mut self, end: EndId, method: Arc<str>, args: Vec<u8>, done: Done) -> bool {
        let request = self.begin_call(end, method, args, done);
        request.is_some_and(|request| self.send(request))
    }

    /// Sends what a server answers to a request.
    pub(crate) fn answer(&mut self, request: Packet, answer: Answer) {
        if self.is_closed() {
            return;
        }
        match answer {
            Answer::Reply(bytes) => {
                let id = self.next_id();
                self.send(Packet { id, leg: Leg::Reply, bytes, ..request });
            }
            Answer::Refused(refusal) => match self.obstacle(&request) {
                Some(reason) => self.fail_after_delay(&request, reason),
                None => {
                    self.tell(&request, EventKind::Dropped(DropReason::Refused));
                    self.blame(request.call, DropReason::Refused);
                    self.end_call(request.call, Outcome::Refused(refusal));
                }
            },
            Answer::Panicked => self.fail_at_once(&request, DropReason::HandlerPanicked),
        }
    }

    /// Sends a packet. Returns whether it is under way without a delay.
    fn send(&mut self, packet: Packet) -> bool {
        self.tell(&packet, EventKind::Sent);
        let may_send = self.topology.allow_send(&packet);
        let obstacle = self.obstacle(&packet);
        if let Some(reason) = obstacle.or((!may_send).then_some(DropReason::LinkDown)) {
            self.fail_after_delay(&packet, reason);
            return false;
        }
        match self.decide(&packet) {
            Decision::Pass => return self.send_by_conditions(packet),
            Decision::Drop => self.fail_at_once(&packet, DropReason::Decided),
            Decision::Hold => self.hold(packet),
            Decision::Deliver => self.arrive(packet, true),
            Decision::Duplicate => {
                self.send_copy(&packet, Duration::ZERO);
                self.arrive(packet, true);
            }
        }
        false
    }

    /// Sends a packet as the conditions of its link demand. Returns the same as [`Traffic::send`].
    fn send_by_conditions(&mut self, packet: Packet) -> bool {
        let conditions = self.conditions_of(&packet);
        let rng = &mut self.rng;
        let (loss, delay) = match packet.leg {
            Leg::Request => (conditions.request_loss, conditions.request_delay.draw(rng)),
            Leg::Reply => (conditions.reply_loss, conditions.draw_reply_delay(rng)),
        };
        if chance(loss, rng) {
            self.fail_at_once(&packet, DropReason::Lost);
            return false;
        }
        if packet.leg == Leg::Request && chance(conditions.duplication, rng) {
            let delay = conditions.request_delay.draw(rng);
            self.send_copy(&packet, delay);
        }
        self.arrive_after(packet, delay);
        delay.is_zero()
    }

    fn send_copy(&mut self, packet: &Packet, delay: Duration) {
        let copy = Packet { id: self.next_id(), ..packet.clone() };
        self.tell(&copy, EventKind::Duplicated);
        self.arrive_after(copy, delay);
    }

    /// Has a packet arrive after `delay`.
    fn arrive_after(&mut self, packet: Packet, delay: Duration) {
        if delay.is_zero() {
            self.arrive(packet, true);
        } else {
            self.schedule.add(Instant::now() + delay, Action::Arrive(packet));
        }
    }

    /// Hands a packet to its recipient. `prompt` says that it was not delayed.
    fn arrive(&mut self, packet: Packet, prompt: bool) {
        if let Some(reason) = self.obstacle(&packet) {
            return self.fail_after_delay(&packet, reason);
        }
        match packet.leg {
            Leg::Request => {
                let Some(handle) = self.topology.receive_request(&packet) else {
                    return self.fail_after_delay(&packet, DropReason::ServerGone);
                };
                self.tell(&packet, EventKind::Delivered);
                self.effects.push(Effect::Handle { handle, request: packet, prompt });
            }
            Leg::Reply => {
                self.tell(&packet, EventKind::Delivered);
                self.totals.bytes += packet.bytes.len() as u64;
                self.end_call(packet.call, Outcome::Reply(packet.bytes));
            }
        }
    }

    /// Delivers a held request twice. `false` if it is not held.
    pub(crate) fn release_twice(&mut self, message: MessageId) -> bool {
        let Some(packet) = self.unhold(message) else {
            return false;
        };
        self.tell(&packet, EventKind::Released);
        self.send_copy(&packet, Duration::ZERO);
        self.arrive(packet, true);
        true
    }

    /// Delivers a held message. `false` if it is not held.
    pub(crate) fn release(&mut self, message: MessageId) -> bool {
        let Some(packet) = self.unhold(message) else {
            return false;
        };
        self.tell(&packet, EventKind::Released);
        self.arrive(packet, true);
        true
    }

    /// Drops a held message. `false` if it is not held.
    pub(crate) fn discard(&mut self, message: MessageId) -> bool {
        let packet = self.unhold(message);
        packet.is_some_and(|packet| {
            self.fail_at_once(&packet, DropReason::Decided);
            true
        })
    }

    /// Does what is due.
    pub(crate) fn act(&mut self, action: Action) {
        match action {
            Action::Arrive(packet) => self.arrive(packet, false),
            Action::Fail(call) => self.end_call(call, Outcome::Failed),
            Action::TimeOut => self.time_out(),
        }
    }
}
