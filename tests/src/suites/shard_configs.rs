//! What is asked of configurations.

use std::collections::{BTreeMap, BTreeSet};

use shardkv::ctrler::{Config, NOBODY};
use shardkv::{Gid, SHARDS};

use super::expect;

/// The servers of a group are called after it.
pub(super) fn names_of(gid: Gid) -> [&'static str; 3] {
    match gid % 3 {
        0 => ["a", "b", "c"],
        1 => ["x", "y", "z"],
        _ => ["j", "k", "l"],
    }
}

/// Fails the test unless exactly these groups are there, and shards are spread evenly over them.
pub(super) fn check(config: &Config, gids: &[Gid]) {
    let expected: BTreeSet<Gid> = gids.iter().copied().collect();
    let seen: BTreeSet<Gid> = config.groups.keys().copied().collect();
    expect(
        seen == expected,
        format!("configuration {} has the groups {expected:?}", config.number),
        format!("it has {seen:?}"),
    );
    for (gid, names) in &config.groups {
        expect(
            names.iter().map(String::as_str).eq(names_of(*gid % 1_000)),
            format!("group {gid} has the servers that it has joined with"),
            format!("it has {names:?}"),
        );
    }
    if gids.is_empty() {
        return;
    }
    for (shard, gid) in config.shards.iter().enumerate() {
        expect(
            expected.contains(gid),
            format!("shard {shard} belongs to one of the groups {expected:?}"),
            format!("it belongs to {gid}"),
        );
    }
    let counts = counts(config);
    let (least, most) = (counts.values().min(), counts.values().max());
    expect(
        most <= least.map(|least| least + 1).as_ref(),
        "no group has two shards more than another",
        format!("they have {counts:?} in configuration {}", config.number),
    );
}

/// By group: how many shards it has.
fn counts(config: &Config) -> BTreeMap<Gid, usize> {
    let count = |gid: &Gid| config.shards.iter().filter(|owner| *owner == gid).count();
    config.groups.keys().map(|gid| (*gid, count(gid))).collect()
}

/// Fails the test unless the step from one configuration to the next moves as few shards as any that
/// spreads them evenly.
pub(super) fn check_minimal(before: &Config, after: &Config) {
    let pairs = || before.shards.iter().zip(&after.shards);
    let moved = pairs().filter(|(old, new)| old != new).count();
    let least = least_moves(before, after);
    expect(
        moved == least,
        format!(
            "the step from configuration {} to {} moves {least} shards, which is enough",
            before.number, after.number
        ),
        format!("it moves {moved}, from {:?} to {:?}", before.shards, after.shards),
    );
}

/// The fewest shards that must move. Each group keeps as many as it may have; as many groups as possible
/// may have one more than the others, and it is best to give that to those that have most.
fn least_moves(before: &Config, after: &Config) -> usize {
    if after.groups.is_empty() {
        return before.shards.iter().filter(|gid| **gid != NOBODY).count();
    }
    let mut held: Vec<usize> = after
        .groups
        .keys()
        .map(|gid| before.shards.iter().filter(|owner| *owner == gid).count())
        .collect();
    held.sort_unstable_by(|left, right| right.cmp(left));
    let (each, more) = (SHARDS / held.len(), SHARDS % held.len());
    let kept = held.iter().enumerate().map(|(rank, held)| {
        let may_have = each + usize::from(rank < more);
        *held.min(&may_have)
    });
    SHARDS - kept.sum::<usize>()
}

/// Fails the test unless a configuration is what it was.
pub(super) fn expect_same(expected: &Config, seen: &Config, when: &str) {
    expect(
        expected == seen,
        format!("configuration {} stays what it was, {when}: {expected:?}", expected.number),
        format!("it is {seen:?}"),
    );
}
