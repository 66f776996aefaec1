//! What runs on the servers of a cluster.

use std::sync::Arc;

use labrpc::{ClientEnd, Server};
use raft::{Index, Persister, Raft};

use super::calls::Calls;
use crate::runner::Failure;

/// What a cluster replicates: the code under test, and what the tests put on top of it.
///
/// Servers are numbered from 0 within their cluster. Every call into the code under test goes through
/// [`Calls`].
pub(crate) trait Service: Send + Sync + 'static {
    /// One server, from one start to the next crash.
    type Server: Send + Sync;

    /// Starts a server from what is on its disk.
    fn start(&self, life: Life, calls: &Arc<Calls>) -> Result<Self::Server, Failure>;

    /// The Raft of a server.
    fn raft(server: &Self::Server) -> &Arc<Raft>;

    /// What a server offers on the network.
    fn handlers(server: &Self::Server) -> Server;

    /// Ends a server. It is cut off from the network already.
    fn kill(&self, server: usize, running: &Self::Server, calls: &Calls);

    /// How far a server has applied the log, if that is known.
    fn last_applied(&self, _server: usize) -> Option<Index> {
        None
    }

    /// Why a call into a server may not return; empty if nothing is known.
    fn explain_stuck(
        &self,
        _server: usize,
        _running: &Self::Server,
        _calls: &Calls,
    ) -> &'static str {
        ""
    }
}

/// What one life of a server begins with.
pub(crate) struct Life {
    /// The server, within its cluster.
    pub(crate) server: usize,
    /// Counts the server's starts and crashes: no two lives have the same.
    pub(crate) incarnation: u64,
    /// An end to every server of the cluster.
    pub(crate) ends: Vec<ClientEnd>,
    /// Its disk, for this life alone.
    pub(crate) persister: Arc<Persister>,
}
