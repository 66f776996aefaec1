//! What a node must know of a submission. None of this depends on its code.

use std::sync::Arc;

use labrpc::Server;
use protocol::{Answer, Applied, Index, Life, Operation, Started};

use crate::disk::Saves;
use crate::ends::Ends;

/// Makes the server or clerk of a life.
pub type Make = fn(Life, Arc<Ends>, Saves) -> Submission;

/// What of a submission a node runs.
pub enum Submission {
    /// A server of any lab.
    Server {
        /// Its Raft.
        raft: Arc<dyn Raft>,
        /// The handlers of its RPCs, those of its Raft among them.
        handlers: Server,
        /// Calls its `kill`.
        kill: Box<dyn Fn() + Send + Sync>,
        /// In Lab 2, what its Raft applies. The service above it is part of the node.
        applied: Option<Arc<dyn ApplyChannel>>,
    },
    /// A clerk of any lab.
    Clerk(Box<dyn Clerk>),
}

/// The Raft of a server. Any method may block.
pub trait Raft: Send + Sync {
    /// Proposes a command.
    fn start(&self, command: Vec<u8>) -> Option<Started>;

    /// Hands the office of the leader over to a server. Whether it will try.
    fn transfer_leadership(&self, to: usize) -> bool;

    /// Adds a server to its cluster. Whether it will try.
    fn add_server(&self, server: usize) -> bool;

    /// Removes a server from its cluster. Whether it will try.
    fn remove_server(&self, server: usize) -> bool;

    /// The members of its cluster.
    fn members(&self) -> Vec<usize>;

    /// Its term, and whether it leads.
    fn get_state(&self) -> (u64, bool);

    /// Hands over a snapshot of the service.
    fn snapshot(&self, index: Index, data: Vec<u8>);
}

/// The receiving end of an apply channel.
pub trait ApplyChannel: Send + Sync {
    /// Waits for a message. `None` if there will be no more.
    fn receive(&self) -> Option<Applied>;

    /// Whether a message waits. Then it is lost.
    fn try_receive(&self) -> bool;
}

/// A clerk of any lab.
pub trait Clerk: Send {
    /// Carries out an operation; returns when it has succeeded.
    ///
    /// # Errors
    ///
    /// The operation, if it is one of another lab's clerks.
    fn operate(&mut self, operation: Operation) -> Result<Answer, Operation>;
}
