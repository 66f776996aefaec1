//! A message inside the network, with everything that is needed to deliver it.

use std::sync::Arc;

use crate::message::{EndId, Leg, MessageId};

/// A request or a reply under way.
#[derive(Clone)]
pub(crate) struct Packet {
    pub(crate) id: MessageId,
    /// The number of the call: that of the request that began it. A duplicate of that request has another
    /// `id`.
    pub(crate) call: MessageId,
    pub(crate) leg: Leg,
    /// The end that the call was made on.
    pub(crate) end: EndId,
    /// How often the end had been closed when the call began. If it is closed again, the packet is lost.
    pub(crate) epoch: u64,
    /// Which server of this name the call is for. If another one takes its place, the packet is lost.
    pub(crate) incarnation: u64,
    pub(crate) method: Arc<str>,
    pub(crate) bytes: Vec<u8>,
}
