//! What is in messages, for people: their sender knows the types, and the network only bytes.

use std::fmt;
use std::sync::OnceLock;

use crate::message::Leg;

/// Arguments or a reply, as they are sent.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    /// The method that is called, such as `Raft.RequestVote`.
    pub method: &'a str,
    /// Whether these are the arguments or the reply.
    pub leg: Leg,
    /// The encoding.
    pub bytes: &'a [u8],
    describe: &'a dyn Fn(usize) -> String,
}

impl Value<'_> {
    /// The value as text, with the names of its fields, as [`labgob::describe`] writes it. Runs the value's
    /// `Serialize` implementation once more.
    pub fn describe(&self, longest: usize) -> String {
        (self.describe)(longest)
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Value { method, leg, bytes, .. } = self;
        write!(formatter, "{leg:?} of {method}, {} bytes", bytes.len())
    }
}

type Listener = Box<dyn Fn(&Value<'_>) + Send + Sync>;

static LISTENER: OnceLock<Listener> = OnceLock::new();

/// Has `listener` called with all arguments and replies that this process sends from now on, on the thread that
/// sends them. A process has one listener: the first.
pub fn listen_to_values(listener: impl Fn(&Value<'_>) + Send + Sync + 'static) {
    let _ = LISTENER.set(Box::new(listener));
}

/// Tells the listener of a value. Not inlined: callers are compiled with the types of a submission, and must do
/// the same whether anybody listens or not.
#[inline(never)]
pub(crate) fn tell(method: &str, leg: Leg, bytes: &[u8], describe: &dyn Fn(usize) -> String) {
    if let Some(listener) = LISTENER.get() {
        listener(&Value { method, leg, bytes, describe });
    }
}
