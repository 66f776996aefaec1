//! Where a test taps the network: its listener learns of every message, and its hook decides about them.

use std::time::Instant;

use crate::event::{Event, EventKind};
use crate::message::{Decision, Message};

type Listener = Box<dyn FnMut(&Event<'_>) + Send>;
type Hook = Box<dyn FnMut(&Message<'_>) -> Decision + Send>;

/// The listener and the decision hook of a test, if it has set any.
#[derive(Default)]
pub(crate) struct Tap {
    pub(crate) listener: Option<Listener>,
    pub(crate) hook: Option<Hook>,
}

impl Tap {
    /// Tells the listener what happens to a message.
    pub(crate) fn tell(&mut self, message: Message<'_>, kind: EventKind) {
        if let Some(listener) = &mut self.listener {
            listener(&Event { at: Instant::now(), message, kind });
        }
    }

    /// Asks the hook what is to happen to a message.
    pub(crate) fn decide(&mut self, message: Message<'_>) -> Decision {
        self.hook.as_mut().map_or(Decision::Pass, |hook| hook(&message))
    }
}
