//! What happens on the network, told to a listener.

use std::time::Instant;

use crate::message::Message;

/// Something that happened to a message.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    /// When it happened.
    pub at: Instant,
    /// The message it happened to.
    pub message: Message<'a>,
    /// What happened.
    pub kind: EventKind,
}

/// What can happen to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// Its sender handed it to the network.
    Sent,
    /// It arrived: the handler starts, or the caller has its reply.
    Delivered,
    /// It will never arrive.
    Dropped(DropReason),
    /// A second copy of it was sent.
    Duplicated,
    /// The decision hook keeps it.
    Held,
    /// It was kept, and is on its way again.
    Released,
}

/// Why a message will never arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DropReason {
    /// The conditions of the link lost it.
    Lost,
    /// The decision hook, or [`Network::discard`](crate::Network::discard), dropped it.
    Decided,
    /// The client end is closed, or was closed while the message was on its way.
    EndClosed,
    /// The link is down in the direction of the message.
    LinkDown,
    /// The server does not exist, or is no longer the one that the call was for.
    ServerGone,
    /// The caller no longer waits: it has an answer, or has given up.
    CallerGone,
    /// The server has no such method, or could not decode the arguments.
    Refused,
    /// The handler panicked.
    HandlerPanicked,
}

impl DropReason {
    /// The reason in a few words, such as `end closed`.
    pub fn describe(self) -> &'static str {
        match self {
            DropReason::Lost => "lost",
            DropReason::Decided => "dropped by the test",
            DropReason::EndClosed => "disconnected",
            DropReason::LinkDown => "link down",
            DropReason::ServerGone => "server gone",
            DropReason::CallerGone => "caller gone",
            DropReason::Refused => "refused",
            DropReason::HandlerPanicked => "handler panicked",
        }
    }
}
