//! What a change of the network causes outside of it.

use crate::outcome::Outcome;
use crate::packet::Packet;
use crate::pending::Done;
use crate::responder::Handle;

/// Something to do after a change of the network, when its lock is free again.
pub(crate) enum Effect {
    /// Hands a request to its server. `prompt` says that it was not delayed.
    Handle { handle: Handle, request: Packet, prompt: bool },
    /// Tells a caller how its call ended.
    Done { done: Done, outcome: Outcome },
}
