//! Shards and configurations, as the tests of Lab 4 know them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The number of shards.
pub const SHARDS: usize = 10;

/// The number of a group, above 0.
pub type Gid = u64;

/// Stands for a group where there is none.
pub const NOBODY: Gid = 0;

/// A configuration: which group has which shard.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Config {
    /// The number of this configuration.
    pub number: u64,
    /// By shard: the group that it belongs to.
    pub shards: [Gid; SHARDS],
    /// The names of each group's servers.
    pub groups: BTreeMap<Gid, Vec<String>>,
}

/// The shard of a key.
pub fn shard_of(key: &str) -> usize {
    key.bytes().next().map_or(0, |first| first as usize % SHARDS)
}
