//! What runs on the servers of a cluster.

use protocol::{Applied, Index, Role, Term};

use super::calls::Calls;
use super::disk::Disk;
use super::ledger::{Committed, Step};
use crate::nodes::Node;
use crate::runner::Failure;

/// What a cluster replicates, and what the tests know of it.
///
/// Servers are numbered from 0 within their cluster.
pub(crate) trait Service: Send + Sync + 'static {
    /// The call of the submission that starts a server.
    const START: &'static str;

    /// The call of the submission that ends a server.
    const KILL: &'static str;

    /// What the process of a server runs.
    fn role(&self, server: usize) -> Role;

    /// The names of the controller's servers, if the servers need them.
    fn controllers(&self) -> Vec<String> {
        Vec::new()
    }

    /// How many servers are members of the cluster at first, if its members change: the first ones.
    fn initial_members(&self) -> Option<usize> {
        None
    }

    /// A server is about to start from what is on its disk.
    fn start(&self, _server: usize, _incarnation: u64, _disk: &Disk) -> Result<(), Failure> {
        Ok(())
    }

    /// A server saves a snapshot in the place of the one on its disk.
    fn save_snapshot(&self, _server: usize, _snapshot: &[u8]) -> Result<(), Failure> {
        Ok(())
    }

    /// A service that the tests put on top of Raft makes a snapshot up to this index.
    fn make_snapshot(&self, _server: usize, _index: Index) {}

    /// The snapshot that a service of the tests has just made, to follow a sentence; empty if it has made none.
    fn describe_last_snapshot(&self, _server: usize) -> String {
        String::new()
    }

    /// That a service of the tests has made a snapshot that covers an index, and that it is not on the disk, to follow a
    /// sentence; `None` if it is not so.
    fn describe_unsaved_snapshot(&self, _server: usize, _index: Index) -> Option<String> {
        None
    }

    /// The test goes on without this cluster.
    fn abandon(&self) {}

    /// A server has crashed: what it still does no longer counts.
    fn crash(&self, _server: usize) {}

    /// A service that the tests put on top of Raft has received something.
    fn apply(&self, server: usize, _incarnation: u64, _applied: Applied) -> Result<Step, Failure> {
        Err(unexpected(server))
    }

    /// Which servers have accepted a command for an index, to follow a sentence; empty if that is not known.
    fn describe_origin(&self, _command: &[u8], _index: Index) -> String {
        String::new()
    }

    /// The newest term in which a server has accepted a command for an index, if it is known to have.
    fn accepted_in(&self, _command: &[u8], _server: usize, _index: Index) -> Option<Term> {
        None
    }

    /// Whether a command was accepted for another index than this one too, so that its bytes say nothing of an entry.
    fn is_elsewhere(&self, _command: &[u8], _index: Index) -> bool {
        false
    }

    /// How far a server has applied the log, if that is known.
    fn last_applied(&self, _server: usize) -> Option<Index> {
        None
    }

    /// How far the service has come, for a test that takes too long.
    fn describe_progress(&self) -> String {
        "it has not come to its end".to_owned()
    }

    /// Commands that stay on every disk that holds them: they are committed, and so is the only entry with their bytes. The
    /// newest ones only; none where the harness does not see commands.
    fn kept_commands(&self) -> Vec<Committed> {
        Vec::new()
    }

    /// Why a call into a server may not return; empty if nothing is known. `calls` are those that have not.
    fn explain_stuck(&self, _server: usize, _node: &Node, _calls: &Calls) -> &'static str {
        ""
    }
}

/// A server has said what no server of its kind says.
fn unexpected(server: usize) -> Failure {
    let expected = "the process of a server talks to the harness through the given crates alone";
    let seen = format!("server {server} tells of commands that the tests do not apply");
    Failure::new(crate::runner::Class::Tampered, expected.to_owned(), seen)
}
