//! Groups that do not take the next configuration, as the groups that need shards of theirs see it.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use protocol::{Config, Gid, NOBODY, SHARDS};

/// A group that was told no later configuration than this one, although there are later ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Halt {
    pub(crate) gid: Gid,
    number: u64,
    /// The shards that the configuration gives the group, by the groups that had them.
    gains: BTreeMap<Gid, Vec<usize>>,
    /// The shards that it takes from the group, by the groups that get them.
    losses: BTreeMap<Gid, Vec<usize>>,
    /// The last configuration that each of those groups was told, if that is known.
    told: BTreeMap<Gid, Option<u64>>,
}

impl Halt {
    /// Begins at a group and goes on to one from which it gets shards, as long as that one was told less, and so forth:
    /// the last one is the first to halt. `configs` are the latest ones, and `newest` says which of them is the last that
    /// a group was told. `None` if no group is behind the latest, or what they were told is not known.
    pub(crate) fn first(
        gid: Gid,
        configs: &[Config],
        newest: impl Fn(Gid) -> Option<u64>,
    ) -> Option<Self> {
        let latest = configs.iter().map(|config| config.number).max()?;
        let mut seen = vec![gid];
        let mut halt = Halt::of(gid, configs, &newest)?;
        loop {
            let is_behind = |giver: &&Gid| newest(**giver).is_some_and(|told| told < halt.number);
            let next = halt.gains.keys().filter(is_behind).find(|giver| !seen.contains(giver));
            let Some(next) = next.and_then(|giver| Halt::of(*giver, configs, &newest)) else {
                return (halt.number < latest).then_some(halt);
            };
            seen.push(next.gid);
            halt = next;
        }
    }

    fn of(gid: Gid, configs: &[Config], newest: impl Fn(Gid) -> Option<u64>) -> Option<Self> {
        let number = newest(gid)?;
        let find = |number| configs.iter().find(|config| config.number == number);
        let (mut gains, mut losses) = (BTreeMap::new(), BTreeMap::new());
        if let Some((old, new)) = number.checked_sub(1).and_then(find).zip(find(number)) {
            for shard in 0..SHARDS {
                let (before, after) = (old.shards[shard], new.shards[shard]);
                if before == after || before == NOBODY || after == NOBODY {
                    continue;
                }
                if after == gid {
                    gains.entry(before).or_insert_with(Vec::new).push(shard);
                } else if before == gid {
                    losses.entry(after).or_insert_with(Vec::new).push(shard);
                }
            }
        }
        let others = gains.keys().chain(losses.keys());
        let told = others.map(|other| (*other, newest(*other))).collect();
        Some(Halt { gid, number, gains, losses, told })
    }

    fn shards(&self, shards: &BTreeMap<Gid, Vec<usize>>, with: &str) -> String {
        let show = |(other, shards): (&Gid, &Vec<usize>)| {
            let told = match self.told.get(other).copied().flatten() {
                Some(number) => format!(", which was told configuration {number}"),
                None => String::new(),
            };
            format!("{shards:?} {with} group {other}{told}")
        };
        shards.iter().map(show).collect::<Vec<_>>().join(" and ")
    }
}

impl Display for Halt {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Halt { gid, number, gains, losses, .. } = self;
        write!(out, "group {gid} was told no configuration after {number}")?;
        if !gains.is_empty() {
            write!(out, ", which gives it the shards {}", self.shards(gains, "of"))
        } else if !losses.is_empty() {
            write!(out, ", which takes from it the shards {}", self.shards(losses, "for"))
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Configurations from 1 on. Each gives the first two shards to these groups, and the others to group 100.
    fn configs(owners: &[[Gid; 2]]) -> Vec<Config> {
        let config = |(number, owners): (u64, &[Gid; 2])| {
            let mut shards = [100; SHARDS];
            shards[..2].copy_from_slice(owners);
            Config { number, shards, ..Config::default() }
        };
        (1..).zip(owners).map(config).collect()
    }

    fn first(gid: Gid, configs: &[Config], told: &[(Gid, u64)]) -> Option<String> {
        let told: BTreeMap<Gid, u64> = told.iter().copied().collect();
        let halt = Halt::first(gid, configs, |gid| told.get(&gid).copied());
        halt.map(|halt| halt.to_string())
    }

    #[test]
    fn the_group_at_the_begin_of_the_chain_is_named() {
        let configs = configs(&[[100, 100], [101, 100], [102, 100], [102, 100]]);
        assert_eq!(
            first(102, &configs, &[(100, 4), (101, 2), (102, 3)]).as_deref(),
            Some(
                "group 101 was told no configuration after 2, which gives it the shards [0] of group 100, which was \
                 told configuration 4"
            )
        );
    }

    #[test]
    fn a_group_that_only_loses_shards_is_named() {
        let configs = configs(&[[101, 100], [102, 100], [102, 100]]);
        assert_eq!(
            first(101, &configs, &[(101, 2), (102, 2)]).as_deref(),
            Some(
                "group 101 was told no configuration after 2, which takes from it the shards [0] for group 102, which \
                 was told configuration 2"
            )
        );
    }

    #[test]
    fn groups_that_wait_for_each_other_end_the_chain() {
        let configs = configs(&[[101, 102], [102, 101], [100, 100]]);
        let told = first(101, &configs, &[(101, 2), (102, 2)]);
        assert_eq!(
            told.as_deref(),
            Some(
                "group 101 was told no configuration after 2, which gives it the shards [1] of group 102, which was \
                 told configuration 2"
            )
        );
    }

    #[test]
    fn groups_that_were_told_the_latest_do_not_halt() {
        let configs = configs(&[[100, 100], [101, 100]]);
        assert_eq!(first(101, &configs, &[(100, 2), (101, 2)]), None);
        assert_eq!(first(101, &configs, &[]), None);
    }
}
