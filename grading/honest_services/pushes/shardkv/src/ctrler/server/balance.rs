//! Which group gets which shard.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::ctrler::{Gid, NOBODY, SHARDS};

/// Divides the shards evenly among the groups, and moves as few as it can. Depends on its arguments alone, so
/// that all servers come to the same result.
pub(super) fn balance<'a>(
    mut shards: [Gid; SHARDS],
    gids: impl Iterator<Item = &'a Gid>,
) -> [Gid; SHARDS] {
    let mut held: BTreeMap<Gid, Vec<usize>> = gids.map(|gid| (*gid, Vec::new())).collect();
    if held.is_empty() {
        return [NOBODY; SHARDS];
    }
    let mut free = Vec::new();
    for (shard, gid) in shards.iter().enumerate() {
        held.get_mut(gid).unwrap_or(&mut free).push(shard);
    }
    // If the groups cannot be equal, those that have most keep one more than the others.
    let mut groups: Vec<(Gid, Vec<usize>)> = held.into_iter().collect();
    groups.sort_by_key(|(_, has)| Reverse(has.len()));
    let count = groups.len();
    let quota = |place| SHARDS / count + usize::from(place < SHARDS % count);
    for (place, (_, has)) in groups.iter_mut().enumerate() {
        free.extend(has.drain(quota(place).min(has.len())..));
    }
    for (place, (gid, has)) in groups.iter().enumerate() {
        for shard in free.drain(free.len() - (quota(place) - has.len())..) {
            shards[shard] = *gid;
        }
    }
    shards
}
