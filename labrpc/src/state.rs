//! What the network knows: its ends, its servers, its links, and what it has been told to do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use rand::SeedableRng;
use rand::rngs::SmallRng;

use crate::call::{Call, Outcome};
use crate::client::EndId;
use crate::conditions::{Conditions, Delay};
use crate::message::{Decision, Leg, Message, MessageId};
use crate::network::{HeldMessage, Totals};
use crate::packet::Packet;
use crate::service::Server;
use crate::tap::{DropReason, Event, EventKind};

/// How long a call takes to fail after the end it is on was closed, or its server deleted.
const CUT_DELAY: Delay = Delay::millis(0, 99);

type Listener = Box<dyn FnMut(&Event<'_>) + Send>;
type Hook = Box<dyn FnMut(&Message<'_>) -> Decision + Send>;

/// Everything behind the network's one lock.
pub(crate) struct State {
    pub(crate) conditions: Conditions,
    pub(crate) totals: Totals,
    pub(crate) listener: Option<Listener>,
    pub(crate) hook: Option<Hook>,
    pub(crate) rng: SmallRng,
    ends: Vec<End>,
    servers: BTreeMap<Arc<str>, Backend>,
    /// The directions, sender first, in which nothing passes.
    links_down: BTreeSet<(String, String)>,
    /// How many messages servers may still send that are about to crash; at 0 they are cut off.
    fuses: BTreeMap<String, u64>,
    held: BTreeMap<MessageId, Packet>,
    messages: u64,
    closed: bool,
}

struct End {
    from: Arc<str>,
    to: Arc<str>,
    open: bool,
    conditions: Option<Conditions>,
    epoch: u64,
    /// The calls on this end that still wait, by the number of their request.
    calls: BTreeMap<MessageId, Arc<Call>>,
}

/// What stands behind a server's name.
#[derive(Default)]
struct Backend {
    server: Option<Arc<Server>>,
    /// How many servers there have been, and how often there was none.
    incarnation: u64,
    requests: u64,
}

impl State {
    pub(crate) fn new(seed: u64) -> Self {
        State {
            conditions: Conditions::reliable(),
            totals: Totals::default(),
            listener: None,
            hook: None,
            rng: SmallRng::seed_from_u64(seed),
            ends: Vec::new(),
            servers: BTreeMap::new(),
            links_down: BTreeSet::new(),
            fuses: BTreeMap::new(),
            held: BTreeMap::new(),
            messages: 0,
            closed: false,
        }
    }

    pub(crate) fn add_end(&mut self, from: Arc<str>, to: Arc<str>) -> EndId {
        let calls = BTreeMap::new();
        self.ends.push(End { from, to, open: false, conditions: None, epoch: 0, calls });
        EndId(self.ends.len() - 1)
    }

    pub(crate) fn enable(&mut self, id: EndId, open: bool) {
        let end = &mut self.ends[id.0];
        if end.open && !open {
            end.epoch += 1;
            end.fail_calls(&mut self.rng);
        }
        end.open = open;
    }

    pub(crate) fn set_link(&mut self, from: &str, to: &str, up: bool) {
        let link = (from.to_owned(), to.to_owned());
        if up {
            self.links_down.remove(&link);
        } else {
            self.links_down.insert(link);
        }
    }

    pub(crate) fn set_end_conditions(&mut self, end: EndId, conditions: Option<Conditions>) {
        self.ends[end.0].conditions = conditions;
    }

    pub(crate) fn set_server(&mut self, name: &str, server: Option<Server>) {
        self.fuses.remove(name);
        let backend = self.servers.entry(name.into()).or_default();
        backend.incarnation += 1;
        if std::mem::replace(&mut backend.server, server.map(Arc::new)).is_some() {
            for end in self.ends.iter_mut().filter(|end| &*end.to == name) {
                end.fail_calls(&mut self.rng);
            }
        }
    }

    pub(crate) fn cut_after(&mut self, name: &str, messages: u64) {
        self.fuses.insert(name.to_owned(), messages);
    }

    pub(crate) fn is_cut(&self, name: &str) -> bool {
        self.fuses.get(name) == Some(&0)
    }

    /// Counts a message against its sender's fuse. Says whether the sender may still send.
    pub(crate) fn burn_fuse(&mut self, packet: &Packet) -> bool {
        if self.fuses.is_empty() {
            return true;
        }
        let sender = self.direction(packet).0.to_owned();
        match self.fuses.get_mut(&sender) {
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
            None => true,
        }
    }

    pub(crate) fn requests_to(&self, name: &str) -> u64 {
        self.servers.get(name).map_or(0, |backend| backend.requests)
    }

    /// Begins a call: counts its request and remembers who waits. `None` once the network is closed.
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
        let target = &mut self.ends[end.0];
        target.calls.insert(id, call.clone());
        Some(Packet {
            id,
            request: id,
            leg: Leg::Request,
            end,
            epoch: target.epoch,
            incarnation: self.servers.get(&target.to).map_or(0, |backend| backend.incarnation),
            call: call.clone(),
            method: request.method.into(),
            bytes: request.args,
        })
    }

    pub(crate) fn end_call(&mut self, end: EndId, request: MessageId) {
        self.ends[end.0].calls.remove(&request);
    }

    pub(crate) fn next_id(&mut self) -> MessageId {
        self.messages += 1;
        MessageId(self.messages)
    }

    pub(crate) fn conditions_of(&self, end: EndId) -> Conditions {
        self.ends[end.0].conditions.unwrap_or(self.conditions)
    }

    /// Counts the arrival of a request and gives the server that is to handle it.
    pub(crate) fn receive_request(&mut self, packet: &Packet) -> Option<Arc<Server>> {
        let backend = self.servers.get_mut(&self.ends[packet.end.0].to)?;
        backend.requests += 1;
        backend.server.clone()
    }

    /// Why `packet` cannot go on its way, or can no longer.
    pub(crate) fn obstacle(&self, packet: &Packet) -> Option<DropReason> {
        let end = &self.ends[packet.end.0];
        let Some(backend) = self.servers.get(&end.to).filter(|backend| backend.server.is_some())
        else {
            return Some(DropReason::ServerGone);
        };
        if backend.incarnation != packet.incarnation {
            Some(DropReason::ServerGone)
        } else if !end.open || end.epoch != packet.epoch {
            Some(DropReason::EndClosed)
        } else if self.link_is_down(packet) || self.is_cut(self.direction(packet).1) {
            Some(DropReason::LinkDown)
        } else if packet.leg == Leg::Reply && packet.call.is_settled() {
            Some(DropReason::CallerGone)
        } else {
            None
        }
    }

    fn link_is_down(&self, packet: &Packet) -> bool {
        if self.links_down.is_empty() {
            return false;
        }
        let (from, to) = self.direction(packet);
        self.links_down.contains(&(from.to_owned(), to.to_owned()))
    }

    fn direction(&self, packet: &Packet) -> (&str, &str) {
        let end = &self.ends[packet.end.0];
        match packet.leg {
            Leg::Request => (&end.from, &end.to),
            Leg::Reply => (&end.to, &end.from),
        }
    }

    /// Gives up a packet that met an obstacle; its caller learns of it after a while.
    pub(crate) fn strand(&mut self, packet: &Packet, reason: DropReason) {
        self.tell(packet, EventKind::Dropped(reason));
        let delay = self.conditions_of(packet.end).failure_delay.draw(&mut self.rng);
        packet.call.fail_at(Instant::now() + delay);
    }

    /// Loses a packet; its caller learns of it at once.
    pub(crate) fn lose(&mut self, packet: &Packet, reason: DropReason) {
        self.tell(packet, EventKind::Dropped(reason));
        packet.call.settle(Outcome::Failed);
    }

    /// Asks the hook about a packet.
    pub(crate) fn decide(&mut self, packet: &Packet) -> Decision {
        let Some(mut hook) = self.hook.take() else {
            return Decision::Pass;
        };
        let decision = hook(&self.message(packet));
        self.hook = Some(hook);
        decision
    }

    /// Tells the listener what happens to a packet.
    pub(crate) fn tell(&mut self, packet: &Packet, kind: EventKind) {
        let Some(mut listener) = self.listener.take() else {
            return;
        };
        listener(&Event { at: Instant::now(), message: self.message(packet), kind });
        self.listener = Some(listener);
    }

    fn message<'a>(&'a self, packet: &'a Packet) -> Message<'a> {
        let (from, to) = self.direction(packet);
        Message {
            id: packet.id,
            leg: packet.leg,
            from,
            to,
            method: &packet.method,
            bytes: &packet.bytes,
        }
    }

    /// Keeps a packet. Its caller waits like one whose message takes long: cuts do not reach the call
    /// any more, only the time limit of all calls does.
    pub(crate) fn hold(&mut self, packet: Packet) {
        self.tell(&packet, EventKind::Held);
        self.ends[packet.end.0].calls.remove(&packet.request);
        self.held.insert(packet.id, packet);
    }

    /// Takes a held packet out, as one that is sent now: what was cut since then counts no more.
    pub(crate) fn unhold(&mut self, message: MessageId) -> Option<Packet> {
        let mut packet = self.held.remove(&message)?;
        let end = &self.ends[packet.end.0];
        packet.epoch = end.epoch;
        if packet.leg == Leg::Request {
            packet.incarnation = self.servers.get(&end.to).map_or(0, |backend| backend.incarnation);
        }
        Some(packet)
    }

    pub(crate) fn held_messages(&self) -> Vec<HeldMessage> {
        let describe = |packet: &Packet| {
            let (from, to) = self.direction(packet);
            HeldMessage {
                id: packet.id,
                leg: packet.leg,
                from: from.to_owned(),
                to: to.to_owned(),
                method: packet.method.to_string(),
            }
        };
        self.held.values().map(describe).collect()
    }

    /// Fails every call for good.
    pub(crate) fn close(&mut self) {
        self.closed = true;
        for packet in std::mem::take(&mut self.held).into_values() {
            packet.call.settle(Outcome::Failed);
        }
        for end in &mut self.ends {
            for call in std::mem::take(&mut end.calls).into_values() {
                call.settle(Outcome::Failed);
            }
        }
    }
}

impl End {
    fn fail_calls(&self, rng: &mut SmallRng) {
        let now = Instant::now();
        for call in self.calls.values() {
            call.fail_at(now + CUT_DELAY.draw(rng));
        }
    }
}

/// What a caller hands to the network.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) args: Vec<u8>,
}
