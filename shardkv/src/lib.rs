//! Lab 4: a key/value store whose keys are spread over groups of servers. It keeps working while groups
//! come and go.
//!
//! The keys fall into [`SHARDS`] shards. A replicated [controller](ctrler) decides which group has
//! which shard. Each group is a Raft cluster of [`ShardServer`]s. Groups hand shards over to each other when
//! the controller's [`Config`](ctrler::Config) changes. A [`Clerk`] asks the controller where a key is, and
//! then asks that group.
//!
//! [`ctrler::server`], [`ctrler::client`], [`server`], [`client`] and [`replica`] are the files that students
//! write; the assignment is this crate's README.

pub mod client;
pub mod ctrler;
pub mod replica;
pub mod server;
mod setup;

pub use client::Clerk;
pub use ctrler::{Gid, SHARDS, shard_of};
pub use server::ShardServer;
pub use setup::{MakeEnd, Setup};
