//! The tests, stage by stage.

mod kv_3a;
mod kv_3b;
mod kv_calls;
mod kv_load;
mod raft_2a;
mod raft_2b;
mod raft_2c;
mod raft_2c_figure8;
mod raft_2d;
mod schedule;
mod shard_4a;
mod shard_4b;
mod shard_4b_challenges;
mod shard_configs;
mod shard_load;
mod shard_values;
mod worker;

use std::time::Duration;

use crate::case::Case;
use crate::runner::{Class, Failure, fail};

/// The election timeout that the tests reckon with: a new leader is due well within it.
const ELECTION: Duration = Duration::from_millis(1_000);

/// How long a test may take.
const LIMIT: Duration = Duration::from_secs(120);

/// Every test, in the order of the labs.
pub fn all() -> Vec<Case> {
    [
        raft_2a::CASES,
        raft_2b::CASES,
        raft_2c::CASES,
        raft_2c_figure8::CASES,
        raft_2d::CASES,
        kv_3a::CASES,
        kv_3b::CASES,
        shard_4a::CASES,
        shard_4b::CASES,
        shard_4b_challenges::CASES,
    ]
    .concat()
}

/// Fails the test unless `holds`.
fn expect(holds: bool, expected: impl Into<String>, seen: impl Into<String>) {
    if !holds {
        fail(Failure::new(Class::Assertion, expected.into(), seen.into()));
    }
}
