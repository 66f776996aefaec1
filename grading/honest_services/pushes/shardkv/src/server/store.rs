//! What a group knows: a state machine that changes by the commands of its log alone.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tracing::debug;

use super::{Op, Reply, Request};
use crate::ctrler::{Config, Gid, NOBODY, shard_of};
use crate::replica::Machine;

/// Names a handover: the number of the configuration that demands it, and the shard.
pub(super) type Handover = (u64, usize);

#[derive(Serialize, Deserialize)]
pub(super) enum Command {
    /// A clerk's request.
    Client(Request),
    /// The next configuration.
    Configure(Config),
    /// A shard has come from its old group.
    Take(Handover, Arc<Shard>),
    /// The new group has a shard.
    Forget(Handover),
    /// Changes nothing. Once it is committed, so is all that was before it in the log.
    Nothing,
}

/// All of a shard that must not be forgotten.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Shard {
    values: BTreeMap<String, String>,
    /// By clerk: the number of its last Put or Append. A Get that is repeated reads a newer value, which is
    /// still one of the time of its call.
    last_writes: BTreeMap<u64, u64>,
}

/// A shard on its way to another group.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Parcel {
    /// The servers of its new group.
    pub(super) to: Vec<String>,
    pub(super) shard: Arc<Shard>,
}

/// How far a group is with a handover to it.
pub(super) enum Arrival {
    /// It has not taken the configuration yet.
    Early,
    Awaited,
    Taken,
}

/// The state of a group. A shard that the configuration gives to this group is either served or awaited.
#[derive(Serialize, Deserialize)]
pub(super) struct Store {
    gid: Gid,
    config: Config,
    served: BTreeMap<usize, Shard>,
    /// Those that have not come from their old groups. The next configuration is taken when none is left, so
    /// all of them belong to handovers of this one.
    awaited: BTreeSet<usize>,
    /// What other groups have not confirmed. It may be from any configuration up to this one.
    outbox: BTreeMap<Handover, Parcel>,
}

impl Store {
    pub(super) fn new(gid: Gid) -> Store {
        Store {
            gid,
            config: Config::default(),
            served: BTreeMap::new(),
            awaited: BTreeSet::new(),
            outbox: BTreeMap::new(),
        }
    }

    pub(super) fn serves(&self, key: &str) -> bool {
        self.served.contains_key(&shard_of(key))
    }

    pub(super) fn outbox(&self) -> &BTreeMap<Handover, Parcel> {
        &self.outbox
    }

    /// The number of the configuration to take next. `None` while shards are awaited.
    pub(super) fn next_number(&self) -> Option<u64> {
        self.awaited.is_empty().then_some(self.config.number + 1)
    }

    pub(super) fn arrival(&self, (number, shard): Handover) -> Arrival {
        if number > self.config.number {
            Arrival::Early
        } else if number == self.config.number && self.awaited.contains(&shard) {
            Arrival::Awaited
        } else {
            Arrival::Taken
        }
    }

    fn execute(&mut self, request: Request) -> Reply {
        match self.served.get_mut(&shard_of(&request.key)) {
            Some(shard) => Reply::Done(shard.execute(request)),
            None => Reply::WrongGroup,
        }
    }

    fn configure(&mut self, config: Config) {
        if Some(config.number) != self.next_number() {
            return;
        }
        debug!(gid = self.gid, number = config.number, shards = ?config.shards, "takes");
        let old = mem::replace(&mut self.config, config).shards;
        for (shard, from) in old.into_iter().enumerate() {
            let to = self.config.shards[shard];
            if from == self.gid && to != self.gid {
                self.send_away(shard, to);
            } else if from == NOBODY && to == self.gid {
                self.served.insert(shard, Shard::default());
            } else if from != self.gid && to == self.gid {
                self.awaited.insert(shard);
            }
        }
    }

    /// Moves a shard to the outbox. Without a group that gets it, it is gone.
    fn send_away(&mut self, shard: usize, to: Gid) {
        let contents = self.served.remove(&shard);
        if let (Some(contents), Some(servers)) = (contents, self.config.groups.get(&to)) {
            let parcel = Parcel { to: servers.clone(), shard: Arc::new(contents) };
            self.outbox.insert((self.config.number, shard), parcel);
        }
    }

    fn take(&mut self, handover: Handover, shard: Arc<Shard>) {
        if matches!(self.arrival(handover), Arrival::Awaited) {
            debug!(gid = self.gid, ?handover, "has taken");
            self.awaited.remove(&handover.1);
            self.served.insert(handover.1, Arc::unwrap_or_clone(shard));
        }
    }
}

impl Machine for Store {
    type Command = Command;
    /// The answer to a clerk; without a meaning for other commands.
    type Answer = Reply;

    fn apply(&mut self, command: Command) -> Reply {
        match command {
            Command::Client(request) => return self.execute(request),
            Command::Configure(config) => self.configure(config),
            Command::Take(handover, shard) => self.take(handover, shard),
            Command::Forget(handover) => drop(self.outbox.remove(&handover)),
            Command::Nothing => {}
        }
        Reply::Done(String::new())
    }
}

impl Shard {
    /// Carries out a request. A write that was carried out before changes nothing.
    fn execute(&mut self, request: Request) -> String {
        let Request { client, number, key, op } = request;
        if matches!(op, Op::Get) {
            return self.values.get(&key).cloned().unwrap_or_default();
        }
        let last = self.last_writes.entry(client).or_default();
        if *last < number {
            *last = number;
            let value = self.values.entry(key).or_default();
            match op {
                Op::Get => {}
                Op::Put(new) => *value = new,
                Op::Append(more) => value.push_str(&more),
            }
        }
        String::new()
    }
}
