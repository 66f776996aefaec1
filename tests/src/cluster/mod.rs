//! A cluster under test: servers that start, crash, and lose each other, and the rules that hold all
//! the time.
//!
//! - [`Cluster`] is what a suite drives; [`RaftCluster`] and [`KvCluster`] say what runs on its servers.
//! - `history` records what clients are answered, and has it checked.
//! - `ledger` holds every server to the one log that the cluster has committed.
//! - `elections` holds every server to one leader a term, and to terms that only grow.
//! - `probe` makes the calls into the code under test, and notices those that never return.
//! - `journal` and `report` remember what happened, for the failure message.

mod applier;
mod checks;
mod client;
#[expect(
    clippy::module_inception,
    reason = "the cluster of this module is what it is called after"
)]
mod cluster;
mod crash;
mod ctrler_cluster;
mod elections;
mod ground;
mod history;
mod journal;
mod kv_cluster;
mod ledger;
mod probe;
mod raft_cluster;
mod report;
mod service;
mod shard_cluster;
mod shared;

pub use client::{Client, Reach};
pub use cluster::Cluster;
pub use ctrler_cluster::{CtrlerCluster, group};
pub use kv_cluster::KvCluster;
pub use ledger::show_command;
pub use raft_cluster::{RaftCluster, Snapshots};
pub use shard_cluster::ShardCluster;
pub(crate) use shared::server_name;
