//! Messages as a test sees them, and the numbers of messages and client ends.

/// The number of a client end, unique within its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndId(pub u64);

/// The number of a message, unique within its network. A reply has its own number, and so does a
/// duplicate.
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

/// A message under way. A reply is sent from the server to the caller, so its `from` is the server.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// The number of this message.
    pub id: MessageId,
    /// The number of the request that began the call; a reply and a duplicate have the same.
    pub call: MessageId,
    /// Request or reply.
    pub leg: Leg,
    /// The name of the sender.
    pub from: &'a str,
    /// The name of the recipient.
    pub to: &'a str,
    /// The method that is called, such as `Raft.RequestVote`; the same for a request and its reply.
    pub method: &'a str,
    /// The encoded arguments or the encoded reply. Empty once a handler has taken the arguments.
    pub bytes: &'a [u8],
}

/// A message that a test has held; see [`Decision::Hold`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldMessage {
    /// The number of this message, by which to release or discard it.
    pub id: MessageId,
    /// The number of the request that began the call; a reply and a duplicate have the same.
    pub call: MessageId,
    /// Request or reply.
    pub leg: Leg,
    /// The name of the sender.
    pub from: String,
    /// The name of the recipient.
    pub to: String,
    /// The method that is called.
    pub method: String,
    /// The encoded arguments or the encoded reply.
    pub bytes: Vec<u8>,
}

impl From<Message<'_>> for HeldMessage {
    fn from(message: Message<'_>) -> Self {
        HeldMessage {
            id: message.id,
            call: message.call,
            leg: message.leg,
            from: message.from.to_owned(),
            to: message.to.to_owned(),
            method: message.method.to_owned(),
            bytes: message.bytes.to_owned(),
        }
    }
}

/// What a test wants to happen to a message; see [`Network::intercept`](crate::Network::intercept).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Leave it to the conditions of the link, as if there were no hook.
    Pass,
    /// Deliver it without delay and without loss, whatever the conditions.
    Deliver,
    /// Lose it.
    Drop,
    /// Keep it until [`Network::release`](crate::Network::release). Meanwhile its caller waits as for a
    /// slow message, even if the end is closed or the server is deleted.
    Hold,
    /// Deliver it twice without delay. A caller uses only the first reply, so to duplicate a reply has no
    /// effect.
    Duplicate,
}

impl Decision {
    /// Lose a message, or leave it to the conditions of the link.
    pub fn drop_if(is_lost: bool) -> Self {
        if is_lost { Decision::Drop } else { Decision::Pass }
    }
}

/// What chooses among what the conditions of a link allow; see [`Network::set_fates`](crate::Network::set_fates).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Chance, by this seed.
    Drawn(u64),
    /// Nothing is left to chance: the message is neither lost nor duplicated, and takes the shortest time. If it
    /// cannot arrive, its call fails after the mean time.
    Plain,
}
