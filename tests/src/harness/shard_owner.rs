//! Which group has a shard, by the configurations of the controller, and which had it before.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Sender, unbounded};
use parking_lot::Mutex;
use protocol::{Config, Gid, NOBODY, SHARDS, shard_of};

use super::clerk::CtrlerClerk;

/// How long a failure waits for the controller to say which group has a shard.
const QUERY_LIMIT: Duration = Duration::from_secs(3);

/// How many configurations before the latest one are looked at.
const LOOKED_BACK: usize = 20;

/// The group that has the shard of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShardOwner {
    shard: usize,
    pub(crate) gid: Gid,
    /// The latest configurations, the newest first: those in which the group has the shard, and the one before them.
    pub(crate) configs: Vec<Config>,
    /// Older ones, the newest first.
    pub(crate) older: Vec<Config>,
}

/// Shards that a configuration gives a group, by the groups that had them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gains {
    number: u64,
    gid: Gid,
    shards: BTreeMap<Gid, Vec<usize>>,
}

impl Gains {
    /// The groups that had the shards.
    pub(crate) fn givers(&self) -> impl Iterator<Item = Gid> {
        self.shards.keys().copied()
    }
}

impl Display for Gains {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Gains { number, gid, shards } = self;
        let shards: Vec<String> =
            shards.iter().map(|(giver, shards)| format!("{shards:?} of group {giver}")).collect();
        write!(
            f,
            "configuration {number} also gives group {gid} the shards {}",
            shards.join(" and ")
        )
    }
}

impl ShardOwner {
    /// Asks the controller; `None` if it does not answer in time.
    pub(crate) fn ask(clerk: &Arc<Mutex<CtrlerClerk>>, key: &str) -> Option<Self> {
        let shard = shard_of(key);
        let deadline = Instant::now() + QUERY_LIMIT;
        let (sender, answers) = unbounded();
        let clerk = clerk.clone();
        thread::spawn(move || ask_back(&clerk, &sender));
        let mut configs: Vec<Config> = Vec::new();
        while let Ok(config) = answers.recv_deadline(deadline) {
            configs.push(config);
        }
        let gid = configs.first()?.shards[shard];
        let owned = configs.iter().take_while(|config| config.shards[shard] == gid).count();
        let older = configs.split_off(configs.len().min(owned + 1));
        Some(ShardOwner { shard, gid, configs, older })
    }

    /// The same without the group that had the shard before.
    pub(crate) fn without_former(mut self) -> Self {
        self.configs.retain(|config| config.shards[self.shard] == self.gid);
        self
    }

    /// The other shards that the newest of the configurations gives the group in which it gets any, by the groups that
    /// had them.
    pub(crate) fn other_gains(&self) -> Option<Gains> {
        let gained = self.configs.windows(2).map(|pair| {
            let (new, old) = (&pair[0], &pair[1]);
            let mut shards: BTreeMap<Gid, Vec<usize>> = BTreeMap::new();
            for shard in (0..SHARDS).filter(|shard| *shard != self.shard) {
                let giver = old.shards[shard];
                if new.shards[shard] == self.gid && giver != self.gid && giver != NOBODY {
                    shards.entry(giver).or_default().push(shard);
                }
            }
            Gains { number: new.number, gid: self.gid, shards }
        });
        gained.into_iter().find(|gains| !gains.shards.is_empty())
    }

    /// The group that had the shard before, if that is known and there was one.
    pub(crate) fn before(&self) -> Option<Gid> {
        let before = self.configs.last()?.shards[self.shard];
        (before != self.gid && before != NOBODY).then_some(before)
    }

    /// The group that had it before that one, if that is known and there was one.
    fn before_that(&self) -> Option<Gid> {
        let before = self.before()?;
        let mut older = self.older.iter().map(|config| config.shards[self.shard]);
        older.find(|gid| *gid != before).filter(|gid| *gid != NOBODY)
    }

    /// Whether the group has had the shard before, and another one in between.
    pub(crate) fn has_returned(&self) -> bool {
        self.older.iter().any(|config| config.shards[self.shard] == self.gid)
    }
}

/// Which group has a key, as the controller says now.
pub(crate) fn explain_owner(clerk: &Arc<Mutex<CtrlerClerk>>, key: &str) -> String {
    ShardOwner::ask(clerk, key).map_or_else(|| unknown_owner(key), |owner| owner.to_string())
}

/// What to say of a key if the controller does not answer.
pub(crate) fn unknown_owner(key: &str) -> String {
    format!("shard {}; the controller does not say which group has it", shard_of(key))
}

/// Sends the latest configuration, and those before it.
fn ask_back(clerk: &Mutex<CtrlerClerk>, configs: &Sender<Config>) {
    let latest = clerk.lock().query(None);
    let mut number = latest.number;
    let mut is_awaited = configs.send(latest).is_ok();
    for _ in 0..LOOKED_BACK {
        let Some(previous) = number.checked_sub(1).filter(|_| is_awaited) else {
            return;
        };
        let config = clerk.lock().query(Some(previous));
        if config.number != previous {
            return;
        }
        number = previous;
        is_awaited = configs.send(config).is_ok();
    }
}

impl Display for ShardOwner {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let ShardOwner { shard, gid, configs, .. } = self;
        let latest = configs[0].number;
        let group = if *gid == NOBODY { "no group".to_owned() } else { format!("group {gid}") };
        let first = configs.iter().take_while(|config| config.shards[*shard] == *gid).last();
        let since = first.map_or(latest, |config| config.number);
        let oldest = configs[configs.len() - 1].shards[*shard];
        if oldest == *gid {
            return write!(
                f,
                "shard {shard}, which belongs to {group} by configuration {latest}, the latest"
            );
        }
        write!(f, "shard {shard}, which belongs to {group} from configuration {since} on")?;
        if since == latest {
            f.write_str(", the latest")?;
        }
        match self.before() {
            Some(before) => write!(f, ", and belonged to group {before} before")?,
            None => f.write_str(", and to none before")?,
        }
        if let Some(earlier) = self.before_that() {
            write!(f, ", and to group {earlier} before that")?;
        }
        if since != latest { write!(f, " (the latest is {latest})") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(gids: &[(u64, Gid)]) -> ShardOwner {
        let config = |(number, gid): &(u64, Gid)| Config {
            number: *number,
            shards: [*gid; SHARDS],
            ..Config::default()
        };
        let configs = gids.iter().map(config).collect();
        ShardOwner { shard: 5, gid: gids[0].1, configs, older: Vec::new() }
    }

    #[test]
    fn giver_and_configuration_of_the_move_are_named() {
        let moved = owner(&[(4, 101), (3, 101), (2, 100)]);
        assert_eq!(
            moved.to_string(),
            "shard 5, which belongs to group 101 from configuration 3 on, and belonged to group 100 before (the latest is 4)"
        );
        assert_eq!(moved.before(), Some(100));
    }

    #[test]
    fn move_in_the_latest_configuration_is_named() {
        assert_eq!(
            owner(&[(3, 101), (2, 100)]).to_string(),
            "shard 5, which belongs to group 101 from configuration 3 on, the latest, and belonged to group 100 before"
        );
    }

    #[test]
    fn group_that_had_it_before_is_named() {
        let mut owner = owner(&[(6, 101), (5, 100)]);
        owner.older = super::tests::owner(&[(4, 100), (3, 101), (2, NOBODY)]).configs;
        let to_101 = "shard 5, which belongs to group 101 from configuration 6 on, the latest, and belonged to group 100 \
                      before, and to group 101 before that";
        assert_eq!(owner.to_string(), to_101);
        assert!(owner.has_returned());
        owner.older.remove(1);
        assert!(!owner.has_returned() && !owner.to_string().contains("before that"));
    }

    #[test]
    fn nobody_is_no_giver() {
        let first = owner(&[(1, 100), (0, NOBODY)]);
        assert_eq!(
            first.to_string(),
            "shard 5, which belongs to group 100 from configuration 1 on, the latest, and to none before"
        );
        assert_eq!(first.before(), None);
    }

    #[test]
    fn move_that_was_not_found_is_not_named() {
        let unmoved = owner(&[(30, 100), (29, 100)]);
        assert_eq!(
            unmoved.to_string(),
            "shard 5, which belongs to group 100 by configuration 30, the latest"
        );
        assert_eq!(unmoved.before(), None);
    }

    #[test]
    fn former_group_can_be_left_out() {
        let owner = owner(&[(4, 101), (3, 101), (2, 100)]).without_former();
        assert_eq!(
            owner.to_string(),
            "shard 5, which belongs to group 101 by configuration 4, the latest"
        );
    }

    #[test]
    fn other_shards_that_come_with_it_are_named_with_their_givers() {
        let mut moved = owner(&[(4, 101), (3, 101), (2, 100)]);
        moved.configs[1].shards[7] = 102;
        moved.configs[1].shards[8] = NOBODY;
        moved.configs[1].shards[9] = 100;
        let gains = moved.other_gains().expect("there are some");
        assert_eq!(
            gains.to_string(),
            "configuration 4 also gives group 101 the shards [9] of group 100 and [7] of group 102"
        );
        assert_eq!(owner(&[(4, 101), (3, 101)]).other_gains(), None);
    }
}
