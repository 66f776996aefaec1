//! The way of a message: a request from its caller to the handler, and the reply back.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Mutex, MutexGuard};

use crate::call::{Call, Outcome};
use crate::conditions::chance;
use crate::event::{DropReason, EventKind};
use crate::message::{Decision, EndId, Leg, MessageId};
use crate::packet::Packet;
use crate::pool::{Job, Pool};
use crate::spin::AdaptiveSpin;
use crate::timer::Timer;
use crate::traffic::{Request, Traffic};

/// What carries the messages of a network. Its handles and its client ends share it.
pub(crate) struct Transit {
    traffic: Mutex<Traffic>,
    pool: Pool,
    timer: Timer,
}

impl Transit {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        let traffic = Mutex::new(Traffic::new(seed));
        Arc::new(Transit { traffic, pool: Pool::new(), timer: Timer::new() })
    }

    pub(crate) fn traffic(&self) -> MutexGuard<'_, Traffic> {
        self.traffic.lock()
    }

    /// Makes one call and waits for its outcome.
    pub(crate) fn call(
        self: &Arc<Self>,
        end: EndId,
        spin: &AdaptiveSpin,
        request: Request<'_>,
    ) -> Outcome {
        let call = Arc::new(Call::new(Instant::now()));
        let Some((request, prompt)) = self.send_request(end, &call, request) else {
            return Outcome::Failed;
        };
        let outcome = call.wait(prompt.then_some(spin));
        self.traffic().topology.remove_call(end, request);
        outcome
    }

    /// Sends a request. Returns its number, and whether it is under way without a delay.
    fn send_request(
        self: &Arc<Self>,
        end: EndId,
        call: &Arc<Call>,
        request: Request<'_>,
    ) -> Option<(MessageId, bool)> {
        let mut traffic = self.traffic();
        let packet = traffic.begin_call(end, call, request)?;
        Some((packet.id, self.send(&mut traffic, packet)))
    }

    /// Sends a packet. Returns whether it is under way without a delay, so that a reply may come soon.
    fn send(self: &Arc<Self>, traffic: &mut Traffic, packet: Packet) -> bool {
        traffic.tell(&packet, EventKind::Sent);
        let may_send = traffic.topology.allow_send(&packet);
        let obstacle = traffic.topology.obstacle(&packet);
        if let Some(reason) = obstacle.or((!may_send).then_some(DropReason::LinkDown)) {
            traffic.fail_after_delay(&packet, reason);
            return false;
        }
        match traffic.decide(&packet) {
            Decision::Pass => return self.send_by_conditions(traffic, packet),
            Decision::Drop => traffic.fail_at_once(&packet, DropReason::Decided),
            Decision::Hold => traffic.hold(packet),
            Decision::Deliver => self.arrive(traffic, packet, true),
            Decision::Duplicate => {
                self.send_copy(traffic, &packet, Duration::ZERO);
                self.arrive(traffic, packet, true);
            }
        }
        false
    }

    /// Sends a packet as the conditions of its link demand. Returns the same as [`Transit::send`].
    fn send_by_conditions(self: &Arc<Self>, traffic: &mut Traffic, packet: Packet) -> bool {
        let conditions = traffic.topology.conditions_of(packet.end);
        let rng = &mut traffic.rng;
        let (loss, delay) = match packet.leg {
            Leg::Request => (conditions.request_loss, conditions.request_delay.draw(rng)),
            Leg::Reply => (conditions.reply_loss, conditions.draw_reply_delay(rng)),
        };
        if chance(loss, rng) {
            traffic.fail_at_once(&packet, DropReason::Lost);
            return false;
        }
        if packet.leg == Leg::Request && chance(conditions.duplication, rng) {
            let delay = conditions.request_delay.draw(rng);
            self.send_copy(traffic, &packet, delay);
        }
        self.arrive_after(traffic, packet, delay);
        delay.is_zero()
    }

    fn send_copy(self: &Arc<Self>, traffic: &mut Traffic, packet: &Packet, delay: Duration) {
        let copy = Packet { id: traffic.next_id(), ..packet.clone() };
        traffic.tell(&copy, EventKind::Duplicated);
        self.arrive_after(traffic, copy, delay);
    }

    /// Has a packet arrive after `delay`.
    fn arrive_after(self: &Arc<Self>, traffic: &mut Traffic, packet: Packet, delay: Duration) {
        if delay.is_zero() {
            return self.arrive(traffic, packet, true);
        }
        let transit = self.clone();
        let arrive = move || transit.arrive(&mut transit.traffic(), packet, false);
        self.timer.at(Instant::now() + delay, Box::new(arrive));
    }

    /// Hands a packet to its recipient. `prompt` says that it was not delayed.
    fn arrive(self: &Arc<Self>, traffic: &mut Traffic, packet: Packet, prompt: bool) {
        match packet.leg {
            Leg::Reply => traffic.deliver_reply(packet),
            Leg::Request => {
                let transit = self.clone();
                let run = Box::new(move || transit.handle(packet));
                self.pool.submit(Job { run, prompt });
            }
        }
    }

    /// Runs the handler of a request. This is the job of a worker.
    fn handle(self: &Arc<Self>, request: Packet) {
        let mut traffic = self.traffic();
        if let Some(reason) = traffic.topology.obstacle(&request) {
            return traffic.fail_after_delay(&request, reason);
        }
        let Some(server) = traffic.topology.receive_request(&request) else {
            return traffic.fail_after_delay(&request, DropReason::ServerGone);
        };
        traffic.tell(&request, EventKind::Delivered);
        drop(traffic);

        // A handler that panics must neither end the worker nor leave its caller waiting.
        let dispatch = AssertUnwindSafe(|| server.dispatch(&request.method, &request.bytes));
        let result = catch_unwind(dispatch);
        drop(server);

        let mut traffic = self.traffic();
        match result {
            Ok(Ok(bytes)) => {
                let id = traffic.next_id();
                self.send(&mut traffic, Packet { id, leg: Leg::Reply, bytes, ..request });
            }
            Ok(Err(refusal)) => {
                traffic.tell(&request, EventKind::Dropped(DropReason::Refused));
                request.call.finish(Outcome::Refused(refusal));
            }
            Err(_) => traffic.fail_at_once(&request, DropReason::HandlerPanicked),
        }
    }

    /// Delivers a held message. `false` if it is not held.
    pub(crate) fn release(self: &Arc<Self>, message: MessageId) -> bool {
        let mut traffic = self.traffic();
        let Some(packet) = traffic.unhold(message) else {
            return false;
        };
        traffic.tell(&packet, EventKind::Released);
        match traffic.topology.obstacle(&packet) {
            Some(reason) => traffic.fail_after_delay(&packet, reason),
            None => self.arrive(&mut traffic, packet, true),
        }
        true
    }

    /// Drops a held message. `false` if it is not held.
    pub(crate) fn discard(&self, message: MessageId) -> bool {
        let mut traffic = self.traffic();
        match traffic.unhold(message) {
            Some(packet) => traffic.fail_at_once(&packet, DropReason::Decided),
            None => return false,
        }
        true
    }

    /// Fails all calls and ends the threads.
    pub(crate) fn shutdown(&self) {
        self.traffic().close();
        self.pool.close();
        self.timer.close();
    }
}

impl Drop for Transit {
    fn drop(&mut self) {
        self.shutdown();
    }
}
