//! The way of a message: from the caller to the server's handler, and of the reply back.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Mutex, MutexGuard};

use crate::call::{Call, Outcome};
use crate::client::EndId;
use crate::conditions::chance;
use crate::lookout::Lookout;
use crate::message::{Decision, Leg, MessageId};
use crate::packet::Packet;
use crate::pool::{Job, Pool};
use crate::state::{Request, State};
use crate::tap::{DropReason, EventKind};
use crate::timer::Timer;

/// The moving parts of a network, shared by its handles and by its client ends.
pub(crate) struct Transit {
    state: Mutex<State>,
    pool: Pool,
    timer: Timer,
}

impl Transit {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        let state = Mutex::new(State::new(seed));
        Arc::new(Transit { state, pool: Pool::new(), timer: Timer::new() })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Makes one call and waits for how it ends.
    pub(crate) fn call(
        self: &Arc<Self>,
        end: EndId,
        lookout: &Lookout,
        method: &str,
        args: Vec<u8>,
    ) -> Outcome {
        let call = Arc::new(Call::new(Instant::now()));
        let Some((request, soon)) = self.send_request(end, &call, Request { method, args }) else {
            return Outcome::Failed;
        };
        let outcome = call.wait(soon.then_some(lookout));
        self.state().end_call(end, request);
        outcome
    }

    /// Sends a request. Says which it is, and whether its reply may come soon.
    fn send_request(
        self: &Arc<Self>,
        end: EndId,
        call: &Arc<Call>,
        request: Request<'_>,
    ) -> Option<(MessageId, bool)> {
        let mut state = self.state();
        let packet = state.begin_call(end, call, request)?;
        Some((packet.id, self.send(&mut state, packet)))
    }

    /// Sends a packet off. Says whether it goes without delay.
    fn send(self: &Arc<Self>, state: &mut State, packet: Packet) -> bool {
        state.tell(&packet, EventKind::Sent);
        let cut_off = !state.burn_fuse(&packet);
        let obstacle = state.obstacle(&packet).or(cut_off.then_some(DropReason::LinkDown));
        if let Some(reason) = obstacle {
            state.strand(&packet, reason);
            return false;
        }
        match state.decide(&packet) {
            Decision::Pass => return self.send_by_conditions(state, packet),
            Decision::Drop => state.lose(&packet, DropReason::Decided),
            Decision::Hold => state.hold(packet),
            Decision::Deliver => self.arrive(state, packet, true),
            Decision::Duplicate => {
                self.send_copy(state, &packet, Duration::ZERO);
                self.arrive(state, packet, true);
            }
        }
        false
    }

    fn send_by_conditions(self: &Arc<Self>, state: &mut State, packet: Packet) -> bool {
        let conditions = state.conditions_of(packet.end);
        let rng = &mut state.rng;
        let (loss, delay) = match packet.leg {
            Leg::Request => (conditions.request_loss, conditions.request_delay.draw(rng)),
            Leg::Reply => (conditions.reply_loss, conditions.draw_reply_delay(rng)),
        };
        if chance(loss, rng) {
            state.lose(&packet, DropReason::Lost);
            return false;
        }
        if packet.leg == Leg::Request && chance(conditions.duplication, rng) {
            let delay = conditions.request_delay.draw(rng);
            self.send_copy(state, &packet, delay);
        }
        self.carry(state, packet, delay);
        delay.is_zero()
    }

    fn send_copy(self: &Arc<Self>, state: &mut State, packet: &Packet, delay: Duration) {
        let copy = Packet { id: state.next_id(), ..packet.clone() };
        state.tell(&copy, EventKind::Duplicated);
        self.carry(state, copy, delay);
    }

    fn carry(self: &Arc<Self>, state: &mut State, packet: Packet, delay: Duration) {
        if delay.is_zero() {
            return self.arrive(state, packet, true);
        }
        let transit = self.clone();
        let arrive = move || transit.arrive(&mut transit.state(), packet, false);
        self.timer.at(Instant::now() + delay, Box::new(arrive));
    }

    /// Hands a packet over where it was sent to. `prompt` says that it was not delayed.
    fn arrive(self: &Arc<Self>, state: &mut State, packet: Packet, prompt: bool) {
        match packet.leg {
            Leg::Reply => deliver_reply(state, packet),
            Leg::Request => {
                let transit = self.clone();
                let run = Box::new(move || transit.handle(packet));
                self.pool.submit(Job { run, prompt });
            }
        }
    }

    /// Runs the handler of a request, on a worker.
    fn handle(self: &Arc<Self>, request: Packet) {
        let mut state = self.state();
        if let Some(reason) = state.obstacle(&request) {
            return state.strand(&request, reason);
        }
        let Some(server) = state.receive_request(&request) else {
            return state.strand(&request, DropReason::ServerGone);
        };
        state.tell(&request, EventKind::Delivered);
        drop(state);

        // A handler that panics must not take the worker with it, nor leave its caller waiting.
        let run = AssertUnwindSafe(|| server.dispatch(&request.method, &request.bytes));
        let result = catch_unwind(run);
        drop(server);

        let mut state = self.state();
        match result {
            Ok(Ok(bytes)) => {
                let id = state.next_id();
                self.send(&mut state, Packet { id, leg: Leg::Reply, bytes, ..request });
            }
            Ok(Err(refusal)) => {
                state.tell(&request, EventKind::Dropped(DropReason::Refused));
                request.call.settle(Outcome::Refused(refusal));
            }
            Err(_) => state.lose(&request, DropReason::HandlerPanicked),
        }
    }

    pub(crate) fn release(self: &Arc<Self>, message: MessageId) -> bool {
        let mut state = self.state();
        let Some(packet) = state.unhold(message) else {
            return false;
        };
        state.tell(&packet, EventKind::Released);
        match state.obstacle(&packet) {
            Some(reason) => state.strand(&packet, reason),
            None => self.arrive(&mut state, packet, true),
        }
        true
    }

    pub(crate) fn discard(&self, message: MessageId) -> bool {
        let mut state = self.state();
        match state.unhold(message) {
            Some(packet) => state.lose(&packet, DropReason::Decided),
            None => return false,
        }
        true
    }

    pub(crate) fn shutdown(&self) {
        self.state().close();
        self.pool.close();
        self.timer.close();
    }
}

impl Drop for Transit {
    fn drop(&mut self) {
        self.shutdown();
    }
}

fn deliver_reply(state: &mut State, mut reply: Packet) {
    if let Some(reason) = state.obstacle(&reply) {
        return state.strand(&reply, reason);
    }
    state.tell(&reply, EventKind::Delivered);
    state.totals.bytes += reply.bytes.len() as u64;
    reply.call.settle(Outcome::Reply(std::mem::take(&mut reply.bytes)));
}
