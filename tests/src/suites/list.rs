//! The list of all tests.

use super::{
    kv_3a, kv_3a_calls, kv_3a_lives, kv_3b, kv_3c, raft_2a, raft_2b, raft_2c, raft_2c_figure8,
    raft_2c_pauses, raft_2d, raft_2d_behind, raft_2d_crashes, raft_2d_deposed, raft_2d_late,
    raft_2d_replies, raft_2d_terms, raft_2e, raft_2f, shard_4a, shard_4a_calls, shard_4b,
    shard_4b_calls, shard_4b_challenges, shard_4b_lives, shard_4b_moves,
};
use crate::case::Case;

/// Every test, in the order of the labs.
pub fn all() -> Vec<Case> {
    [
        raft_2a::CASES,
        raft_2b::CASES,
        raft_2c::CASES,
        raft_2c_figure8::CASES,
        raft_2c_pauses::CASES,
        raft_2d::CASES,
        raft_2d_crashes::CASES,
        raft_2d_behind::CASES,
        raft_2d_late::CASES,
        raft_2d_deposed::CASES,
        raft_2d_terms::CASES,
        raft_2d_replies::CASES,
        raft_2e::CASES,
        raft_2f::CASES,
        kv_3a::CASES,
        kv_3a_calls::CASES,
        kv_3a_lives::CASES,
        kv_3b::CASES,
        kv_3c::CASES,
        shard_4a::CASES,
        shard_4a_calls::CASES,
        shard_4b::CASES,
        shard_4b_moves::CASES,
        shard_4b_lives::CASES,
        shard_4b_calls::CASES,
        shard_4b_challenges::CASES,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::all;

    #[test]
    fn the_rules_name_tests_that_exist() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../raft/RULES.md");
        let text = std::fs::read_to_string(path).expect("the rules are there");
        let known: BTreeSet<String> = all().iter().map(|case| case.id()).collect();
        let named: BTreeSet<&str> = text.split('`').filter(|word| word.contains("::")).collect();
        let unknown: Vec<&&str> = named.iter().filter(|name| !known.contains(**name)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
