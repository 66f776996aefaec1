//! What configurations must be like.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{Config, NOBODY};
use protocol::{Gid, SHARDS};

use super::expect::expect;
use crate::runner::{Class, Failure, fail};

/// The names of a group's servers.
pub(super) fn names_of(gid: Gid) -> [&'static str; 3] {
    match gid % 3 {
        0 => ["a", "b", "c"],
        1 => ["x", "y", "z"],
        _ => ["j", "k", "l"],
    }
}

/// Fails the test unless a group that has joined is in a configuration.
pub(super) fn expect_joined(config: &Config, gid: Gid) {
    expect(
        config.groups.contains_key(&gid),
        format_args!("group {gid} is in the configuration after its Join"),
        format_args!("configuration {} has the groups {:?}", config.number, config.groups.keys()),
    );
}

/// Fails the test if a group that has left is in a configuration.
pub(super) fn expect_left(config: &Config, gid: Gid) {
    expect(
        !config.groups.contains_key(&gid),
        format_args!("group {gid} is not in the configuration after its Leave"),
        format_args!("configuration {} has the groups {:?}", config.number, config.groups.keys()),
    );
}

/// Fails the test unless a configuration has exactly these groups, and spreads the shards evenly.
pub(super) fn check(config: &Config, gids: &[Gid]) {
    let expected: BTreeSet<Gid> = gids.iter().copied().collect();
    let seen: BTreeSet<Gid> = config.groups.keys().copied().collect();
    expect(
        seen == expected,
        format_args!("configuration {} has the groups {expected:?}", config.number),
        format_args!("it has {seen:?}"),
    );
    for (gid, names) in &config.groups {
        expect(
            names.iter().map(String::as_str).eq(names_of(*gid % 1_000)),
            format_args!(
                "group {gid} has the servers {:?}, with which it joined",
                names_of(*gid % 1_000)
            ),
            format_args!("it has {names:?} in configuration {}", config.number),
        );
    }
    if gids.is_empty() {
        return expect_nobody(config);
    }
    for (shard, gid) in config.shards.iter().enumerate() {
        expect(
            expected.contains(gid),
            format_args!("shard {shard} belongs to one of the groups {expected:?}"),
            format_args!("it belongs to {gid} in configuration {}", config.number),
        );
    }
    let counts = counts(config);
    let (least, most) = (counts.values().min(), counts.values().max());
    expect(
        most <= least.map(|least| least + 1).as_ref(),
        "no group has two shards more than another",
        format_args!("by group, configuration {} has {counts:?} shards", config.number),
    );
}

fn expect_nobody(config: &Config) {
    for (shard, gid) in config.shards.iter().enumerate() {
        expect(
            *gid == NOBODY,
            format_args!("shard {shard} belongs to nobody, {NOBODY}, while there are no groups"),
            format_args!("it belongs to {gid} in configuration {}", config.number),
        );
    }
}

/// The number of shards of each group.
fn counts(config: &Config) -> BTreeMap<Gid, usize> {
    let count = |gid: &Gid| config.shards.iter().filter(|owner| *owner == gid).count();
    config.groups.keys().map(|gid| (*gid, count(gid))).collect()
}

/// Fails the test unless the change from one configuration to the next evens the groups, and moves as few shards as
/// possible.
pub(super) fn check_minimal(before: &Config, after: &Config) {
    let pairs = || before.shards.iter().zip(&after.shards);
    let moved = pairs().filter(|(old, new)| old != new).count();
    let least = least_moves(before, after);
    let why = match moved < least {
        true => "with fewer, the groups are uneven",
        false => "with these, the groups are even",
    };
    expect(
        moved == least,
        format_args!(
            "the change from configuration {} to {} moves {least} shards: {why}{}",
            before.number,
            after.number,
            groups_that_change(before, after)
        ),
        format_args!("it moves {moved}, from {:?} to {:?}", before.shards, after.shards),
    );
}

/// Which groups have come or gone, to follow a sentence; empty if it was one, or none.
fn groups_that_change(before: &Config, after: &Config) -> String {
    let of_one = |one: &Config, other: &Config| -> Vec<Gid> {
        one.groups.keys().filter(|gid| !other.groups.contains_key(gid)).copied().collect()
    };
    match (of_one(after, before).as_slice(), of_one(before, after).as_slice()) {
        (joined @ [_, _, ..], []) => format!(" once {joined:?} have all come"),
        ([], left @ [_, _, ..]) => format!(" once {left:?} have all gone"),
        _ => String::new(),
    }
}

/// The smallest number of shards that must move. Each group keeps as many as it may have. If some groups must
/// have one more than the others, these should be the ones that have the most now.
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

/// Fails the test unless a Query has returned a configuration as it was before. `answer` says who has answered.
pub(super) fn expect_same(expected: &Config, seen: &Config, answer: &str, when: &str) {
    if expected == seen {
        return;
    }
    let number = expected.number;
    if seen.number != number {
        fail(Failure::new(
            Class::Assertion,
            format!(
                "configuration {number} is what a Query for it returns, {when}: the change that made it was answered before \
                 the Query began"
            ),
            format!("in {answer}, it is configuration {}", seen.number),
        ));
    }
    let (before, now) = if seen.shards != expected.shards {
        let belong = |config: &Config| format!("shards that belong to {:?}", config.shards);
        (belong(expected), belong(seen))
    } else {
        (format!("the groups {:?}", expected.groups), format!("the groups {:?}", seen.groups))
    };
    fail(Failure::new(
        Class::Assertion,
        format!(
            "configuration {number} stays the same, {when}, for all servers compute it from the same log: it has {before}"
        ),
        format!("in {answer}, it has {now}"),
    ));
}
