//! A message inside the network, with everything that is needed to deliver it.

use std::sync::Arc;

use crate::call::Call;
use crate::message::{EndId, HeldMessage, Leg, Message, MessageId};

/// What a client end connects: its owner and a server, by their names.
pub(crate) struct Connection {
    pub(crate) end: EndId,
    pub(crate) client: String,
    pub(crate) server: String,
}

/// A request or a reply under way.
#[derive(Clone)]
pub(crate) struct Packet {
    pub(crate) id: MessageId,
    /// The number of the request that began the call; a duplicate of that request has another `id`.
    pub(crate) request: MessageId,
    pub(crate) leg: Leg,
    pub(crate) connection: Arc<Connection>,
    /// How often the end had been closed when the call began. If it is closed again, the packet is lost.
    pub(crate) epoch: u64,
    /// Which server of this name the call is for. If another one takes its place, the packet is lost.
    pub(crate) incarnation: u64,
    pub(crate) call: Arc<Call>,
    pub(crate) method: Arc<str>,
    pub(crate) bytes: Vec<u8>,
}

impl Packet {
    /// The name of the sender.
    pub(crate) fn from(&self) -> &str {
        match self.leg {
            Leg::Request => &self.connection.client,
            Leg::Reply => &self.connection.server,
        }
    }

    /// The name of the recipient.
    pub(crate) fn to(&self) -> &str {
        match self.leg {
            Leg::Request => &self.connection.server,
            Leg::Reply => &self.connection.client,
        }
    }

    /// What a test sees of the packet.
    pub(crate) fn message(&self) -> Message<'_> {
        Message {
            id: self.id,
            leg: self.leg,
            from: self.from(),
            to: self.to(),
            method: &self.method,
            bytes: &self.bytes,
        }
    }

    /// What a test sees of the packet while it is held.
    pub(crate) fn held_message(&self) -> HeldMessage {
        HeldMessage {
            id: self.id,
            leg: self.leg,
            from: self.from().to_owned(),
            to: self.to().to_owned(),
            method: self.method.to_string(),
        }
    }
}
