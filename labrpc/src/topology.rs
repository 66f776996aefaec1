//! Who is on the network, and who reaches whom.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use rand::rngs::SmallRng;

use crate::call::Call;
use crate::conditions::{Conditions, Delay};
use crate::event::DropReason;
use crate::message::{EndId, Leg, Message, MessageId};
use crate::packet::Packet;
use crate::service::Server;

/// How long a call takes to fail after its end was closed, or its server replaced or deleted.
const DISCONNECT_DELAY: Delay = Delay::millis(0, 99);

/// The client ends, the servers, and the links between them.
#[derive(Default)]
pub(crate) struct Topology {
    /// The conditions of ends without conditions of their own.
    pub(crate) conditions: Conditions,
    /// Indexed by [`EndId`].
    ends: Vec<End>,
    /// By name. The entry of a deleted server stays, with its counts.
    servers: BTreeMap<Arc<str>, ServerSlot>,
    /// Sender and recipient of each link that is down.
    links_down: BTreeSet<(String, String)>,
    /// For each server that is about to crash, how many messages it may still send. At 0 it is cut off.
    crashing: BTreeMap<String, u64>,
}

struct End {
    client: Arc<str>,
    server: Arc<str>,
    open: bool,
    conditions: Option<Conditions>,
    /// How often this end has been closed.
    epoch: u64,
    /// The calls on this end that are still waiting, by the number of their request.
    calls: BTreeMap<MessageId, Arc<Call>>,
}

/// What the network knows of the servers of one name.
#[derive(Default)]
struct ServerSlot {
    server: Option<Arc<Server>>,
    /// How often a server has been added or deleted under this name.
    incarnation: u64,
    /// How many requests have been delivered to servers of this name.
    requests: u64,
}

impl Topology {
    /// Adds a closed client end.
    pub(crate) fn add_end(&mut self, client: Arc<str>, server: Arc<str>) -> EndId {
        let calls = BTreeMap::new();
        self.ends.push(End { client, server, open: false, conditions: None, epoch: 0, calls });
        EndId(self.ends.len() - 1)
    }

    /// Opens or closes an end. The calls on an end that closes will fail soon.
    pub(crate) fn enable(&mut self, id: EndId, open: bool, rng: &mut SmallRng) {
        let end = &mut self.ends[id.0];
        if end.open && !open {
            end.epoch += 1;
            end.fail_calls(rng);
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

    pub(crate) fn conditions_of(&self, end: EndId) -> Conditions {
        self.ends[end.0].conditions.unwrap_or(self.conditions)
    }

    /// Adds, replaces or deletes the server of a name. Calls to the old server will fail soon.
    pub(crate) fn set_server(&mut self, name: &str, server: Option<Server>, rng: &mut SmallRng) {
        self.crashing.remove(name);
        let slot = self.servers.entry(name.into()).or_default();
        slot.incarnation += 1;
        if std::mem::replace(&mut slot.server, server.map(Arc::new)).is_some() {
            for end in self.ends.iter().filter(|end| &*end.server == name) {
                end.fail_calls(rng);
            }
        }
    }

    pub(crate) fn requests_to(&self, name: &str) -> u64 {
        self.servers.get(name).map_or(0, |slot| slot.requests)
    }

    pub(crate) fn cut_after(&mut self, name: &str, messages: u64) {
        self.crashing.insert(name.to_owned(), messages);
    }

    pub(crate) fn is_cut(&self, name: &str) -> bool {
        self.crashing.get(name) == Some(&0)
    }

    /// Counts a packet towards the crash of its sender. Returns whether the sender may send it.
    pub(crate) fn allow_send(&mut self, packet: &Packet) -> bool {
        let (sender, _) = self.ends[packet.end.0].direction(packet.leg);
        match self.crashing.get_mut(sender) {
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
            None => true,
        }
    }

    /// Registers a call: it fails when its end is closed or its server is replaced or deleted.
    pub(crate) fn add_call(&mut self, end: EndId, request: MessageId, call: Arc<Call>) {
        self.ends[end.0].calls.insert(request, call);
    }

    /// Undoes [`Topology::add_call`].
    pub(crate) fn remove_call(&mut self, end: EndId, request: MessageId) {
        self.ends[end.0].calls.remove(&request);
    }

    /// Takes all calls of all ends.
    pub(crate) fn take_calls(&mut self) -> impl Iterator<Item = Arc<Call>> {
        self.ends.iter_mut().flat_map(|end| std::mem::take(&mut end.calls).into_values())
    }

    /// How often an end has been closed.
    pub(crate) fn epoch_of(&self, end: EndId) -> u64 {
        self.ends[end.0].epoch
    }

    /// How often a server has been added or deleted under the name that an end leads to.
    pub(crate) fn incarnation_of(&self, end: EndId) -> u64 {
        self.servers.get(&self.ends[end.0].server).map_or(0, |slot| slot.incarnation)
    }

    /// Counts a request that arrives, and returns the server that is to handle it.
    pub(crate) fn receive_request(&mut self, packet: &Packet) -> Option<Arc<Server>> {
        let slot = self.servers.get_mut(&self.ends[packet.end.0].server)?;
        slot.requests += 1;
        slot.server.clone()
    }

    /// Why a packet cannot be delivered, if there is a reason.
    pub(crate) fn obstacle(&self, packet: &Packet) -> Option<DropReason> {
        let end = &self.ends[packet.end.0];
        let slot = self.servers.get(&end.server);
        let server_lives = slot
            .is_some_and(|slot| slot.server.is_some() && slot.incarnation == packet.incarnation);
        if !server_lives {
            Some(DropReason::ServerGone)
        } else if !end.open || end.epoch != packet.epoch {
            Some(DropReason::EndClosed)
        } else if self.link_is_down(packet) || self.is_cut(end.direction(packet.leg).1) {
            Some(DropReason::LinkDown)
        } else if packet.leg == Leg::Reply && packet.call.is_finished() {
            Some(DropReason::CallerGone)
        } else {
            None
        }
    }

    fn link_is_down(&self, packet: &Packet) -> bool {
        // Most tests take no link down, so they should not pay for copies of the names.
        if self.links_down.is_empty() {
            return false;
        }
        let (from, to) = self.ends[packet.end.0].direction(packet.leg);
        self.links_down.contains(&(from.to_owned(), to.to_owned()))
    }

    /// What a test sees of a packet.
    pub(crate) fn message<'a>(&'a self, packet: &'a Packet) -> Message<'a> {
        let (from, to) = self.ends[packet.end.0].direction(packet.leg);
        Message {
            id: packet.id,
            leg: packet.leg,
            from,
            to,
            method: &packet.method,
            bytes: &packet.bytes,
        }
    }
}

impl End {
    /// The sender and the recipient of a request or a reply.
    fn direction(&self, leg: Leg) -> (&str, &str) {
        match leg {
            Leg::Request => (&self.client, &self.server),
            Leg::Reply => (&self.server, &self.client),
        }
    }

    /// Makes each call fail soon.
    fn fail_calls(&self, rng: &mut SmallRng) {
        let now = Instant::now();
        for call in self.calls.values() {
            call.fail_at(now + DISCONNECT_DELAY.draw(rng));
        }
    }
}
