//! The cluster under test: servers that start, crash and lose each other, and the rules that must hold
//! all the time.
//!
//! A suite drives a [`Cluster`]. What runs on its servers is a service: [`RaftCluster`], [`KvCluster`],
//! [`CtrlerCluster`] and the groups of a [`ShardCluster`] are clusters of one each.
//!
//! | to look up | where |
//! |---|---|
//! | how servers start, crash and reach each other | `servers`, `crash`, `crash_point`, `disk` |
//! | the network and the random choices of a test | `environment` |
//! | what runs on a server | `service`; `log_service` for Raft alone |
//! | one leader a term, and terms that never decrease | `elections`, asked for by `monitor`; `votes` |
//! | leaders that a majority has answered, and terms that others were told | `wire` |
//! | who has stood for election | `candidacies`, told by `standing` |
//! | what servers were sent while a test waited | `waiting` |
//! | how many requests servers have sent each other | `exchanges` |
//! | what was in them, and who got which command | `arrivals`, `receipts` |
//! | threads that go on after `kill` | `leftovers` |
//! | calls into the code under test that do not return | `calls`, looked at by `monitor` |
//! | one log for all servers | `ledger`; `conflict` if there are two |
//! | where servers have put what a test has proposed | `proposals` |
//! | what is on the disks before it is applied | `saved` |
//! | when servers make snapshots, and which ones they save | `snapshot_plan`, `snapshots` |
//! | linearizability, and calls that do not return | `history`, filled by `client`, which has a `clerk`; `stuck_call`, `halts` |
//! | what a failure shows | `journal`, `recorded`, `report` |

mod agreement;
mod arrivals;
mod behind;
mod calls;
mod candidacies;
mod checks;
mod clerk;
mod client;
mod cluster;
mod conflict;
mod crash;
mod crash_point;
mod ctrler_cluster;
mod disk;
mod elections;
mod environment;
mod exchanges;
mod fates;
mod halts;
mod history;
mod journal;
mod kept;
mod kv_cluster;
mod ledger;
mod leftovers;
mod log_service;
mod measured;
mod membership;
mod monitor;
mod names;
mod proposals;
mod raft_cluster;
mod receipts;
mod recorded;
mod report;
mod saved;
mod servers;
mod service;
mod shard_cluster;
mod shard_owner;
mod shard_service;
mod snapshot_plan;
mod snapshots;
mod standing;
mod stuck_call;
mod two_leaders;
#[cfg(test)]
mod unstarted;
mod votes;
mod waiting;
mod wire;

pub use clerk::CtrlerClerk;
pub use client::{Client, Reach};
pub use cluster::Cluster;
pub use ctrler_cluster::{CtrlerCluster, group};
pub use kv_cluster::KvCluster;
pub use ledger::show_command;
pub(crate) use names::server_name;
pub use raft_cluster::RaftCluster;
pub use shard_cluster::ShardCluster;
pub(crate) use shard_service::{describe_answer, group_of_server, server_in_words};
pub use snapshot_plan::Snapshots;
pub use waiting::WaitBegun;
