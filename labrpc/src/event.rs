//! What happens to messages, as a listener learns of it.

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
    /// It arrived: the server gets the request, or the caller the reply.
    Delivered,
    /// It was dropped and will never arrive.
    Dropped(DropReason),
    /// This message is a new duplicate of another one.
    Duplicated,
    /// The decision hook held it.
    Held,
    /// It had been held and is under way again.
    Released,
    /// It is the request of a call that ends without a reply: for this reason, or because the time is up. The event
    /// has no bytes.
    Unanswered(Option<DropReason>),
}

/// Why a message will never arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DropReason {
    /// The conditions of the link lost it.
    Lost,
    /// The decision hook or [`Network::discard`](crate::Network::discard) dropped it.
    Decided,
    /// The client end is closed, or was closed while the message was under way.
    EndClosed,
    /// The link is down in the direction of the message, or its sender or recipient has been cut off.
    LinkDown,
    /// There is no server of that name, or no longer the one that the call was for.
    ServerGone,
    /// The caller has stopped waiting: it already has an outcome, or has timed out.
    CallerGone,
    /// The server has no such method or could not decode the arguments.
    Refused,
    /// The handler panicked.
    HandlerPanicked,
}

impl DropReason {
    /// The reason in a word or two, such as `link down`.
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
