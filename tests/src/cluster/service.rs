//! What runs on the servers of a cluster.

use std::sync::Arc;

use labrpc::{ClientEnd, Server};
use raft::{Index, Persister, Raft};

use super::shared::Shared;
use crate::runner::Failure;

/// What a cluster replicates: the code under test, and what the tests put on top of it.
pub(crate) trait Service: Sized + Send + Sync + 'static {
    /// One server, for one of its lives.
    type Server: Send + Sync;

    /// Starts a server from what is on its disk.
    fn start(shared: &Arc<Shared<Self>>, life: Life) -> Result<Self::Server, Failure>;

    /// The Raft of a server.
    fn raft(server: &Self::Server) -> &Arc<Raft>;

    /// What a server offers on the network.
    fn handlers(server: &Self::Server) -> Server;

    /// Ends a server. It is cut off already.
    fn kill(shared: &Shared<Self>, number: usize, server: &Self::Server);

    /// How far a server has applied the log, if that is known.
    fn last_applied(&self, _number: usize) -> Option<Index> {
        None
    }

    /// What may be the reason that a call into a server does not return; empty if nothing is known.
    fn explain_stuck(_shared: &Shared<Self>, _number: usize) -> &'static str {
        ""
    }
}

/// What one life of a server begins with.
pub(crate) struct Life {
    /// The number of the server.
    pub(crate) server: usize,
    /// Counts its lives.
    pub(crate) incarnation: u64,
    /// An end to every server.
    pub(crate) ends: Vec<ClientEnd>,
    /// Its disk, for this life alone.
    pub(crate) persister: Arc<Persister>,
}
