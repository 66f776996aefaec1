//! Where a test taps the network: its listener learns of every message, and its hook decides about them.

use std::time::Instant;

use crate::event::{Event, EventKind};
use crate::message::{Decision, Fate, Message};

type Listener = Box<dyn FnMut(&Event<'_>) + Send>;
type Hook = Box<dyn FnMut(&Message<'_>) -> Decision + Send>;
type Fates = Box<dyn FnMut(&Message<'_>) -> Fate + Send>;

/// The listener and the hooks of a test, if it has set any.
#[derive(Default)]
pub(crate) struct Tap {
    pub(crate) listener: Option<Listener>,
    pub(crate) hook: Option<Hook>,
    pub(crate) fates: Option<Fates>,
}

impl Tap {
    /// Tells the listener what happens to a message.
    pub(crate) fn tell(&mut self, message: Message<'_>, kind: EventKind) {
        if let Some(listener) = &mut self.listener {
            listener(&Event { at: Instant::now(), message, kind });
        }
    }

    /// What decides a message's loss and delay, if the test has said so.
    pub(crate) fn fate(&mut self, message: Message<'_>) -> Option<Fate> {
        self.fates.as_mut().map(|fates| fates(&message))
    }

    /// Asks the hook what is to happen to a message.
    pub(crate) fn decide(&mut self, message: Message<'_>) -> Decision {
        self.hook.as_mut().map_or(Decision::Pass, |hook| hook(&message))
    }
}
