//! The state machine of a group: its configuration, and its shards.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::ctrler::{Config, Gid, NOBODY, SHARDS, shard_of};
use crate::replica::Machine;

/// What a clerk wants to have done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Operation {
    pub(crate) client: u64,
    /// Counts the clerk's operations.
    pub(crate) number: u64,
    pub(crate) key: String,
    pub(crate) op: Op,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Op {
    Get,
    Put { value: String },
    Append { value: String },
}

/// The answer to a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// It is done. Holds the value that a Get has found; empty for all else.
    Done(String),
    /// This group does not have the shard.
    Elsewhere,
    /// This group will have the shard, but has not received it yet.
    NotYet,
}

/// Shards on their way from one group to another.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct HandOver {
    /// The number of the configuration that moves the shards.
    pub(super) number: u64,
    pub(super) shards: Vec<(usize, Data)>,
}

/// What goes into a group's log.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum Command {
    Operate(Operation),
    /// Takes the next configuration. `gid` is the number of this group.
    Configure {
        config: Config,
        gid: Gid,
    },
    /// Takes shards that another group hands over.
    Take(HandOver),
    /// Drops shards that their new group has taken.
    Drop {
        number: u64,
        shards: Vec<usize>,
    },
    NoOp,
}

/// What is equal on all servers of a group after the same commands.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Store {
    pub(super) config: Config,
    shards: [Shard; SHARDS],
}

/// A shard, as a group sees it.
#[derive(Default, Serialize, Deserialize)]
enum Shard {
    /// Another group has it.
    #[default]
    Elsewhere,
    Served(Data),
    /// It belongs to this group, but has not arrived yet.
    Awaited,
    /// It no longer belongs to this group, but its new group has not taken it yet.
    Leaving(Data),
}

/// The content of a shard.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Data {
    values: BTreeMap<String, String>,
    /// By client: the number of its last Put or Append in this shard. It moves with the shard: a clerk may
    /// repeat an operation at the new group.
    last_writes: BTreeMap<u64, u64>,
}

impl Machine for Store {
    type Command = Command;
    type Answer = Answer;

    fn apply(&mut self, command: Command) -> Answer {
        let done = Answer::Done(String::new());
        match command {
            Command::Operate(operation) => return self.operate(&operation),
            Command::Configure { config, gid } => self.configure(config, gid),
            Command::Take(shards) => return self.take(shards),
            Command::Drop { number, shards } => self.drop_taken(number, &shards),
            Command::NoOp => {}
        }
        done
    }
}

impl Store {
    /// Why a key cannot be served, if it cannot.
    pub(super) fn refusal(&self, key: &str) -> Option<Answer> {
        match &self.shards[shard_of(key)] {
            Shard::Served(_) => None,
            Shard::Awaited => Some(Answer::NotYet),
            Shard::Elsewhere | Shard::Leaving(_) => Some(Answer::Elsewhere),
        }
    }

    fn operate(&mut self, operation: &Operation) -> Answer {
        if let Some(refusal) = self.refusal(&operation.key) {
            return refusal;
        }
        match &mut self.shards[shard_of(&operation.key)] {
            Shard::Served(data) => Answer::Done(data.operate(operation)),
            _ => Answer::Elsewhere,
        }
    }

    /// The number of the next configuration, if this one has been completed.
    pub(super) fn ready_for(&self) -> Option<u64> {
        let is_done = |shard: &Shard| matches!(shard, Shard::Elsewhere | Shard::Served(_));
        self.shards.iter().all(is_done).then_some(self.config.number + 1)
    }

    fn configure(&mut self, config: Config, gid: Gid) {
        if self.ready_for() != Some(config.number) {
            return;
        }
        for (number, shard) in self.shards.iter_mut().enumerate() {
            let (before, after) = (self.config.shards[number], config.shards[number]);
            *shard = match std::mem::take(shard) {
                Shard::Served(_) if after == NOBODY => Shard::Elsewhere,
                Shard::Served(data) if after != gid => Shard::Leaving(data),
                Shard::Elsewhere if after == gid && before == NOBODY => {
                    Shard::Served(Data::default())
                }
                Shard::Elsewhere if after == gid => Shard::Awaited,
                same => same,
            };
        }
        self.config = config;
    }

    fn take(&mut self, args: HandOver) -> Answer {
        if args.number > self.config.number {
            return Answer::NotYet;
        }
        // Shards of an earlier configuration were taken before: the group has completed that one.
        if args.number == self.config.number {
            for (shard, data) in args.shards {
                if matches!(self.shards[shard], Shard::Awaited) {
                    self.shards[shard] = Shard::Served(data);
                }
            }
        }
        Answer::Done(String::new())
    }

    fn drop_taken(&mut self, number: u64, shards: &[usize]) {
        for shard in shards {
            if number == self.config.number && matches!(self.shards[*shard], Shard::Leaving(_)) {
                self.shards[*shard] = Shard::Elsewhere;
            }
        }
    }

    /// The groups that something is leaving for.
    pub(super) fn receivers(&self) -> BTreeSet<Gid> {
        let leaving = self.shards.iter().zip(self.config.shards);
        leaving
            .filter(|(shard, _)| matches!(shard, Shard::Leaving(_)))
            .map(|(_, gid)| gid)
            .collect()
    }

    /// All that is leaving for a group.
    pub(super) fn leaving_for(&self, gid: Gid) -> HandOver {
        let shards = self.shards.iter().enumerate().filter_map(|(number, shard)| match shard {
            Shard::Leaving(data) if self.config.shards[number] == gid => {
                Some((number, data.clone()))
            }
            _ => None,
        });
        HandOver { number: self.config.number, shards: shards.collect() }
    }
}

impl Data {
    fn operate(&mut self, operation: &Operation) -> String {
        let Operation { client, number, key, op } = operation;
        let is_new = self.last_writes.get(client).is_none_or(|last| last < number);
        match op {
            Op::Get => return self.values.get(key).cloned().unwrap_or_default(),
            Op::Put { value } if is_new => {
                self.values.insert(key.clone(), value.clone());
            }
            Op::Append { value } if is_new => {
                self.values.entry(key.clone()).or_default().push_str(value);
            }
            Op::Put { .. } | Op::Append { .. } => return String::new(),
        }
        self.last_writes.insert(*client, *number);
        String::new()
    }
}
