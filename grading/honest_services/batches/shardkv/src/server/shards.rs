//! What all servers of a group agree on. Each shard goes through the configurations at its own pace: its *version* is
//! the number of the configuration that it has come to.

use std::collections::{BTreeMap, VecDeque};
use std::mem;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Operation, Reply, Request};
use crate::ctrler::{Config, Gid, NOBODY, SHARDS, shard_of};
use crate::replica::Machine;

/// What is in a shard.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Contents {
    pub(super) values: BTreeMap<String, String>,
    /// By clerk: the number of its last write.
    pub(super) writes: BTreeMap<u64, u64>,
}

/// A shard as it was when a configuration took it away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Edition {
    pub(super) version: u64,
    pub(super) shard: usize,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Hold {
    Absent,
    /// The servers of these names have it.
    Wanted(Vec<String>),
    Here(Arc<Contents>),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Command {
    Client(Request),
    /// A server leads now. The first of these names the group.
    Crown(u64),
    /// The next configuration, and whether this group is the one that it means.
    Learn(Config, bool),
    Arrive(Edition, Arc<Contents>),
    Forget(Edition),
}

#[derive(Serialize, Deserialize)]
struct Saved {
    name: Option<u64>,
    /// From the one of the oldest version to the latest, and whether they mean this group.
    configs: VecDeque<(Config, bool)>,
    /// By shard: its version, and what this group has of it.
    shards: Vec<(u64, Hold)>,
    /// What the groups of those servers have not said that they have.
    shelf: BTreeMap<Edition, (Arc<Contents>, Vec<String>)>,
}

pub(super) struct Shards {
    gid: Gid,
    saved: Saved,
}

impl Shards {
    pub(super) fn new(gid: Gid) -> Self {
        let saved = Saved {
            name: None,
            configs: VecDeque::from([(Config::default(), false)]),
            shards: vec![(0, Hold::Absent); SHARDS],
            shelf: BTreeMap::new(),
        };
        Shards { gid, saved }
    }

    /// The random name of the group's log.
    pub(super) fn name(&self) -> Option<u64> {
        self.saved.name
    }

    pub(super) fn latest(&self) -> u64 {
        self.saved.configs.back().expect("at least one").0.number
    }

    /// What this group lacks, and who has it.
    pub(super) fn wanted(&self) -> Vec<(Edition, Vec<String>)> {
        let wanted = |(shard, (version, hold)): (usize, &(u64, Hold))| match hold {
            Hold::Wanted(names) => Some((Edition { version: *version, shard }, names.clone())),
            _ => None,
        };
        self.saved.shards.iter().enumerate().filter_map(wanted).collect()
    }

    /// What this group keeps for others, and for whom.
    pub(super) fn shelf(&self) -> Vec<(Edition, Vec<String>)> {
        self.saved.shelf.iter().map(|(edition, (_, names))| (*edition, names.clone())).collect()
    }

    pub(super) fn edition(&self, edition: Edition) -> Option<Arc<Contents>> {
        self.saved.shelf.get(&edition).map(|(contents, _)| contents.clone())
    }

    /// Whether this group has got an edition that was meant for it.
    pub(super) fn has_got(&self, edition: Edition) -> bool {
        let (version, hold) = &self.saved.shards[edition.shard];
        *version > edition.version
            || *version == edition.version && !matches!(hold, Hold::Wanted(_))
    }

    fn serving(&mut self, key: &str) -> Option<&mut Arc<Contents>> {
        let latest = self.latest();
        match &mut self.saved.shards[shard_of(key)] {
            (version, Hold::Here(contents)) if *version == latest => Some(contents),
            _ => None,
        }
    }

    fn serve(&mut self, request: Request) -> Reply {
        let Some(contents) = self.serving(&request.key) else { return Reply::Elsewhere };
        if let Operation::Get = request.operation {
            return Reply::Done(contents.values.get(&request.key).cloned().unwrap_or_default());
        }
        if contents.writes.get(&request.clerk).is_some_and(|last| *last >= request.number) {
            return Reply::Done(String::new());
        }
        let contents = Arc::make_mut(contents);
        contents.writes.insert(request.clerk, request.number);
        match request.operation {
            Operation::Put(value) => {
                contents.values.insert(request.key, value);
            }
            Operation::Append(value) => {
                contents.values.entry(request.key).or_default().push_str(&value);
            }
            Operation::Get => {}
        }
        Reply::Done(String::new())
    }

    /// Brings a shard forward as far as it goes.
    fn advance(&mut self, shard: usize) {
        let Saved { configs, shards, shelf, .. } = &mut self.saved;
        let oldest = configs.front().expect("at least one").0.number;
        let (version, hold) = &mut shards[shard];
        while !matches!(hold, Hold::Wanted(_)) {
            let at = (*version - oldest) as usize;
            let Some((next, is_ours)) = configs.get(at + 1) else { return };
            let (before, after) = (configs[at].0.shards[shard], next.shards[shard]);
            let is_mine = *is_ours && after == self.gid;
            *version = next.number;
            *hold = match mem::replace(hold, Hold::Absent) {
                Hold::Here(contents) if is_mine => Hold::Here(contents),
                Hold::Here(contents) => {
                    if let Some(names) = next.groups.get(&after) {
                        let edition = Edition { version: *version, shard };
                        shelf.insert(edition, (contents, names.clone()));
                    }
                    Hold::Absent
                }
                _ if is_mine && before == NOBODY => Hold::Here(Arc::default()),
                _ if is_mine => Hold::Wanted(configs[at].0.groups[&before].clone()),
                _ => Hold::Absent,
            };
        }
    }

    fn prune(&mut self) {
        let oldest = self.saved.shards.iter().map(|(version, _)| *version).min().unwrap_or(0);
        self.saved.configs.retain(|(config, _)| config.number >= oldest);
    }
}

impl Machine for Shards {
    type Command = Command;
    type Answer = Reply;

    fn early(&self, _: &Command) -> Option<Reply> {
        None
    }

    fn apply(&mut self, command: Command) -> Reply {
        match command {
            Command::Client(request) => return self.serve(request),
            Command::Crown(seed) => {
                self.saved.name.get_or_insert(seed);
            }
            Command::Learn(config, is_ours) => {
                if config.number == self.latest() + 1 {
                    tracing::debug!(gid = self.gid, number = config.number, is_ours, "learns");
                    self.saved.configs.push_back((config, is_ours));
                    (0..SHARDS).for_each(|shard| self.advance(shard));
                    self.prune();
                }
            }
            Command::Arrive(edition, contents) => {
                let (version, hold) = &mut self.saved.shards[edition.shard];
                if *version == edition.version && matches!(hold, Hold::Wanted(_)) {
                    tracing::debug!(gid = self.gid, ?edition, "takes");
                    *hold = Hold::Here(contents);
                    self.advance(edition.shard);
                    self.prune();
                }
            }
            Command::Forget(edition) => {
                self.saved.shelf.remove(&edition);
            }
        }
        Reply::Done(String::new())
    }

    fn save(&self) -> Vec<u8> {
        labgob::encode(&self.saved)
    }

    fn load(&mut self, snapshot: &[u8]) {
        self.saved = labgob::decode(snapshot).expect("a snapshot of this service");
    }
}
