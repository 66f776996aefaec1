//! A message inside the network, with all that is needed to carry it on.

use std::sync::Arc;

use crate::call::Call;
use crate::client::EndId;
use crate::message::{Leg, MessageId};

/// A request or a reply under way.
#[derive(Clone)]
pub(crate) struct Packet {
    pub(crate) id: MessageId,
    /// The request of the call it belongs to: for a request its own number, or that of its original.
    pub(crate) request: MessageId,
    pub(crate) leg: Leg,
    pub(crate) end: EndId,
    /// How often the end had been closed when the call began; a later closing loses the packet.
    pub(crate) epoch: u64,
    /// Which server of this name the call is for; another one loses the packet.
    pub(crate) incarnation: u64,
    pub(crate) call: Arc<Call>,
    pub(crate) method: Arc<str>,
    pub(crate) bytes: Vec<u8>,
}
