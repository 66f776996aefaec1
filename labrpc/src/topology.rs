//! Who is on the network, and who reaches whom.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::conditions::Conditions;
use crate::event::DropReason;
use crate::message::{EndId, Leg, Message};
use crate::packet::Packet;
use crate::responder::Handle;

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
}

/// What the network knows of the servers of one name.
#[derive(Default)]
struct ServerSlot {
    server: Option<Handle>,
    /// How often a server has been added or deleted under this name.
    incarnation: u64,
    /// How many requests have been delivered to servers of this name.
    requests: u64,
}

impl Topology {
    /// Adds a closed client end.
    pub(crate) fn add_end(&mut self, client: Arc<str>, server: Arc<str>) -> EndId {
        self.ends.push(End { client, server, open: false, conditions: None, epoch: 0 });
        EndId(self.ends.len() as u64 - 1)
    }

    /// Whether this network has made the end.
    pub(crate) fn has_end(&self, id: EndId) -> bool {
        id.0 < self.ends.len() as u64
    }

    fn end(&self, id: EndId) -> &End {
        &self.ends[id.0 as usize]
    }

    fn end_mut(&mut self, id: EndId) -> &mut End {
        &mut self.ends[id.0 as usize]
    }

    /// The name of the server that an end leads to.
    pub(crate) fn server_of(&self, id: EndId) -> &str {
        &self.end(id).server
    }

    /// Opens or closes an end. Returns whether that closes an open one.
    pub(crate) fn enable(&mut self, id: EndId, open: bool) -> bool {
        let end = self.end_mut(id);
        let closes = end.open && !open;
        end.epoch += u64::from(closes);
        end.open = open;
        closes
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
        self.end_mut(end).conditions = conditions;
    }

    pub(crate) fn conditions_of(&self, end: EndId) -> Conditions {
        self.end(end).conditions.unwrap_or(self.conditions)
    }

    /// Adds, replaces or deletes the server of a name. Returns the one before.
    pub(crate) fn set_server(&mut self, name: &str, server: Option<Handle>) -> Option<Handle> {
        self.crashing.remove(name);
        let slot = self.servers.entry(name.into()).or_default();
        slot.incarnation += 1;
        std::mem::replace(&mut slot.server, server)
    }

    /// Takes all servers off the network.
    pub(crate) fn take_servers(&mut self) -> Vec<Handle> {
        self.servers.values_mut().filter_map(|slot| slot.server.take()).collect()
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
        let (sender, _) = self.ends[packet.end.0 as usize].direction(packet.leg);
        match self.crashing.get_mut(sender) {
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
            None => true,
        }
    }

    /// How often an end has been closed.
    pub(crate) fn epoch_of(&self, end: EndId) -> u64 {
        self.end(end).epoch
    }

    /// How often a server has been added or deleted under the name that an end leads to.
    pub(crate) fn incarnation_of(&self, end: EndId) -> u64 {
        self.servers.get(&self.end(end).server).map_or(0, |slot| slot.incarnation)
    }

    /// Counts a request that arrives, and returns the server that is to handle it.
    pub(crate) fn receive_request(&mut self, packet: &Packet) -> Option<Handle> {
        let slot = self.servers.get_mut(&self.ends[packet.end.0 as usize].server)?;
        slot.requests += 1;
        slot.server.clone()
    }

    /// Why a packet cannot reach its recipient, if there is a reason.
    pub(crate) fn obstacle(&self, packet: &Packet) -> Option<DropReason> {
        let end = self.end(packet.end);
        let slot = self.servers.get(&end.server);
        let server_lives = slot
            .is_some_and(|slot| slot.server.is_some() && slot.incarnation == packet.incarnation);
        if !server_lives {
            Some(DropReason::ServerGone)
        } else if !end.open || end.epoch != packet.epoch {
            Some(DropReason::EndClosed)
        } else if self.link_is_down(packet) || self.is_cut(end.direction(packet.leg).1) {
            Some(DropReason::LinkDown)
        } else {
            None
        }
    }

    fn link_is_down(&self, packet: &Packet) -> bool {
        // Most tests take no link down, so they should not pay for copies of the names.
        if self.links_down.is_empty() {
            return false;
        }
        let (from, to) = self.end(packet.end).direction(packet.leg);
        self.links_down.contains(&(from.to_owned(), to.to_owned()))
    }

    /// What a test sees of a packet.
    pub(crate) fn message<'a>(&'a self, packet: &'a Packet) -> Message<'a> {
        let (from, to) = self.end(packet.end).direction(packet.leg);
        Message {
            id: packet.id,
            call: packet.call,
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
}
