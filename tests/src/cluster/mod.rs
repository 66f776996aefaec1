//! A cluster under test: servers that start, crash, and lose each other, and the rules that hold all
//! the time.
//!
//! - [`RaftCluster`] is what a suite drives.
//! - `ledger` holds every server to the one log that the cluster has committed.
//! - `elections` holds every server to one leader a term, and to terms that only grow.
//! - `probe` makes the calls into the code under test, and notices those that never return.
//! - `journal` and `report` remember what happened, for the failure message.

mod applier;
mod checks;
mod crash;
mod elections;
mod journal;
mod ledger;
mod probe;
mod raft_cluster;
mod report;

pub use ledger::show_command;
pub(crate) use raft_cluster::server_name;
pub use raft_cluster::{RaftCluster, Snapshots};
