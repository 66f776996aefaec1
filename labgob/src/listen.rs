//! What is encoded, for people: whoever encodes a value knows its type, and others only have the bytes.

use std::fmt;
use std::sync::OnceLock;

/// A value that was encoded.
#[derive(Clone, Copy)]
pub struct Encoded<'a> {
    /// The encoding.
    pub bytes: &'a [u8],
    describe: &'a dyn Fn(usize) -> String,
}

impl Encoded<'_> {
    /// The value as text, as [`describe`](crate::describe()) writes it. Runs the value's `Serialize` implementation once
    /// more.
    pub fn describe(&self, longest: usize) -> String {
        (self.describe)(longest)
    }
}

impl fmt::Debug for Encoded<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} bytes", self.bytes.len())
    }
}

type Listener = Box<dyn Fn(&Encoded<'_>) + Send + Sync>;

static LISTENER: OnceLock<Listener> = OnceLock::new();

/// Has `listener` called with all that [`encode`](crate::encode) encodes in this process from now on, on the thread
/// that does so. A process has one listener: the first.
pub fn listen_to_encodings(listener: impl Fn(&Encoded<'_>) + Send + Sync + 'static) {
    let _ = LISTENER.set(Box::new(listener));
}

/// Tells the listener of a value. Not inlined: callers are compiled with the types of a submission, and must do the
/// same whether anybody listens or not.
#[inline(never)]
pub(crate) fn tell(bytes: &[u8], describe: &dyn Fn(usize) -> String) {
    if let Some(listener) = LISTENER.get() {
        listener(&Encoded { bytes, describe });
    }
}
