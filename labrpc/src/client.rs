//! The caller's side of the network.

use std::sync::Arc;

use labgob::DecodeError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::message::{EndId, Leg};
use crate::outcome::Outcome;
use crate::transport::Transport;
use crate::values;

/// The client's end of a connection. All calls on it go to the same server.
///
/// Clones are handles to the same end. Any number of threads can make calls on it at the same time.
#[derive(Clone)]
pub struct ClientEnd {
    id: EndId,
    server: Arc<str>,
    transport: Arc<dyn Transport>,
}

impl ClientEnd {
    /// An end whose calls go through `transport`, which may lead to a network in another process.
    /// `server` is what the server is called in messages of panics.
    ///
    /// Use [`Network::make_end`](crate::Network::make_end) for an end of a network in this process.
    pub fn new(id: EndId, server: &str, transport: Arc<dyn Transport>) -> Self {
        ClientEnd { id, server: server.into(), transport }
    }

    /// The number of this end, for methods such as [`Network::enable`](crate::Network::enable).
    pub fn id(&self) -> EndId {
        self.id
    }

    /// Calls `method`, such as `Raft.RequestVote`, and waits for the reply.
    ///
    /// `None` means that no reply came: the request or the reply was lost, or the server has crashed or
    /// cannot be reached. The handler may have run nevertheless. A call returns after at most 7 seconds,
    /// so it needs no timeout around it.
    ///
    /// # Panics
    ///
    /// If the server has no such method, or if it cannot decode the arguments, or if the reply cannot be
    /// decoded as an `R`. These are mistakes in the program: the same call would fail again.
    pub fn call<A, R>(&self, method: &str, args: &A) -> Option<R>
    where
        A: Serialize + ?Sized,
        R: DeserializeOwned,
    {
        let bytes = labgob::encode_silently(args);
        values::tell(method, Leg::Request, &bytes, &|longest| labgob::describe(args, longest));
        let reply = self.call_encoded(method, bytes)?;
        match labgob::decode(&reply) {
            Ok(reply) => Some(reply),
            Err(error) => self.panic_at_reply(method, &error),
        }
    }

    fn call_encoded(&self, method: &str, args: Vec<u8>) -> Option<Vec<u8>> {
        match self.transport.call(self.id, method, args) {
            Outcome::Failed => None,
            Outcome::Refused(refusal) => panic!("{} refused the call: {refusal}", self.server),
            Outcome::Reply(bytes) => Some(bytes),
        }
    }

    #[cold]
    fn panic_at_reply(&self, method: &str, error: &DecodeError) -> ! {
        panic!("reply of {method} from {}: failed to {error}", self.server)
    }
}
