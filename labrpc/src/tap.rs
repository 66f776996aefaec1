//! Where a test taps the network: its listener learns of every message, and its hook decides about them.

use std::time::Instant;

use crate::event::{Event, EventKind};
use crate::message::{Decision, Message};
use crate::packet::Packet;

type Listener = Box<dyn FnMut(&Event<'_>) + Send>;
type Hook = Box<dyn FnMut(&Message<'_>) -> Decision + Send>;

/// The listener and the decision hook of a test, if it has set any.
#[derive(Default)]
pub(crate) struct Tap {
    pub(crate) listener: Option<Listener>,
    pub(crate) hook: Option<Hook>,
}

impl Tap {
    /// Tells the listener what happens to a packet.
    pub(crate) fn tell(&mut self, packet: &Packet, kind: EventKind) {
        if let Some(listener) = &mut self.listener {
            listener(&Event { at: Instant::now(), message: packet.message(), kind });
        }
    }

    /// Asks the hook what is to happen to a packet.
    pub(crate) fn decide(&mut self, packet: &Packet) -> Decision {
        match &mut self.hook {
            Some(hook) => hook(&packet.message()),
            None => Decision::Pass,
        }
    }
}
