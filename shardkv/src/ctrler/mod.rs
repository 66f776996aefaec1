//! The shard controller: it decides which group has which shard.

pub mod client;
mod config;
pub mod server;

pub use client::Clerk;
pub use config::{Config, Gid, NOBODY, SHARDS, shard_of};
pub use server::CtrlerServer;
