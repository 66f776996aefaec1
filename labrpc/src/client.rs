//! The caller's side of the network.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::call::Outcome;
use crate::lookout::Lookout;
use crate::transit::Transit;

/// The number of a client end, unique within its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndId(pub(crate) usize);

/// One end of a connection: calls made on it go to one server.
///
/// Clones are the same end. Any number of calls can be under way on it at once.
#[derive(Clone)]
pub struct ClientEnd {
    id: EndId,
    to: Arc<str>,
    transit: Arc<Transit>,
    /// Knows how soon replies come.
    lookout: Arc<Lookout>,
}

impl ClientEnd {
    pub(crate) fn new(id: EndId, to: Arc<str>, transit: Arc<Transit>) -> Self {
        ClientEnd { id, to, transit, lookout: Arc::new(Lookout::default()) }
    }

    /// The number of this end, by which the network opens and closes it.
    pub fn id(&self) -> EndId {
        self.id
    }

    /// Calls `method`, such as `Raft.RequestVote`, and waits for the reply.
    ///
    /// `None` means that no reply came: the request was lost, or the reply, or the server is dead or
    /// cut off. The handler may have run all the same. A call always returns, after at most 7 seconds,
    /// so there is no need for a time-out around it.
    ///
    /// # Panics
    ///
    /// If the server has no such method, or either side cannot decode what the other has sent: the
    /// program is wrong, and no retry can help.
    pub fn call<A, R>(&self, method: &str, args: &A) -> Option<R>
    where
        A: Serialize + ?Sized,
        R: DeserializeOwned,
    {
        match self.transit.call(self.id, &self.lookout, method, labgob::encode(args)) {
            Outcome::Failed => None,
            Outcome::Refused(refusal) => panic!("{} refuses a call: {refusal}", self.to),
            Outcome::Reply(bytes) => match labgob::decode(&bytes) {
                Ok(reply) => Some(reply),
                Err(error) => panic!("reply of {method} from {}: failed to {error}", self.to),
            },
        }
    }
}
