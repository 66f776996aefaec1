//! A message on the network, as tests see it.

/// The number of a message, unique within its network. A reply and each copy has its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub u64);

/// Which half of a call a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leg {
    /// From the caller to the server.
    Request,
    /// From the server back to the caller.
    Reply,
}

/// A message on its way. `from` and `to` are those of this message: a reply goes from the server to
/// the caller.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// The number of this message.
    pub id: MessageId,
    /// Request or reply.
    pub leg: Leg,
    /// The name of who sends it.
    pub from: &'a str,
    /// The name of who is to receive it.
    pub to: &'a str,
    /// The method of the call it belongs to, such as `Raft.RequestVote`.
    pub method: &'a str,
    /// The encoded arguments or the encoded reply.
    pub bytes: &'a [u8],
}

/// What a test wants to happen to a message; see [`Network::intercept`](crate::Network::intercept).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Let the conditions of the link decide, as if nobody had looked.
    Pass,
    /// Deliver it at once and whole, whatever the conditions.
    Deliver,
    /// Lose it.
    Drop,
    /// Keep it until [`Network::release`](crate::Network::release). The caller goes on waiting, even if
    /// the end is closed or the server deleted meanwhile, as one whose message takes long.
    Hold,
    /// Deliver it twice, at once. A reply can only be used once, so a second one changes nothing.
    Duplicate,
}
