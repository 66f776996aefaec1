//! The replicated state: the same on all servers that have executed the same part of the log.

use std::collections::BTreeMap;

use raft::Index;
use serde::{Deserialize, Serialize};

/// The identity of a clerk: where in the log it was registered.
pub type ClerkId = Index;

/// What clerks ask for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Operation {
    /// An identity for a clerk.
    Register,
    /// The value of a key. Reads change nothing, so that they can be repeated without harm.
    Read(String),
    Write(Write),
}

/// A change that is made once, however often it is sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Write {
    /// Who writes.
    pub clerk: ClerkId,
    /// The number of this write among those of its clerk: 1, 2, 3, and so on. The clerk asks for the next one only
    /// when this one is done.
    pub number: u64,
    /// Which value changes.
    pub key: String,
    /// How it changes.
    pub change: Change,
}

/// What a write does to the value of its key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Change {
    /// Replaces it.
    Put(String),
    /// Adds to its end.
    Append(String),
}

/// The results of the operations.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    Registered(ClerkId),
    Value(String),
    Written,
}

/// The values, and what has been written already. A snapshot holds all of it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Store {
    values: BTreeMap<String, String>,
    /// The number of the last write of each clerk that has written. All its earlier ones were made before, so what
    /// comes with a lower number is a late copy.
    last_writes: BTreeMap<ClerkId, u64>,
}

impl Store {
    /// The state in a snapshot. No bytes are no snapshot: then nothing was executed yet.
    pub(super) fn restore(snapshot: &[u8]) -> Store {
        if snapshot.is_empty() {
            return Store::default();
        }
        labgob::decode(snapshot).expect("snapshots are made by `Store::snapshot`")
    }

    /// All of the state as bytes.
    pub(super) fn snapshot(&self) -> Vec<u8> {
        labgob::encode(self)
    }

    /// Executes the operation at `index` of the log.
    pub(super) fn execute(&mut self, index: Index, operation: Operation) -> Answer {
        match operation {
            Operation::Register => Answer::Registered(index),
            Operation::Read(key) => {
                Answer::Value(self.values.get(&key).cloned().unwrap_or_default())
            }
            Operation::Write(write) => {
                self.write(write);
                Answer::Written
            }
        }
    }

    fn write(&mut self, Write { clerk, number, key, change }: Write) {
        let last = self.last_writes.entry(clerk).or_default();
        if number <= *last {
            return;
        }
        *last = number;
        match change {
            Change::Put(value) => {
                self.values.insert(key, value);
            }
            Change::Append(value) => self.values.entry(key).or_default().push_str(&value),
        }
    }
}
