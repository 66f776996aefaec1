//! The log: a map of entries by index.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::apply::{Index, Term};

/// What identifies an entry: no two have the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Id {
    pub(super) index: Index,
    pub(super) term: Term,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    term: Term,
    #[serde(with = "serde_bytes")]
    command: Vec<u8>,
}

#[derive(Default, Serialize, Deserialize)]
pub(super) struct Log {
    /// The last entry that the snapshot includes.
    base: Id,
    entries: BTreeMap<Index, Entry>,
}

impl Log {
    pub(super) fn base(&self) -> Id {
        self.base
    }

    pub(super) fn last(&self) -> Id {
        let last = self.entries.last_key_value();
        last.map_or(self.base, |(index, entry)| Id { index: *index, term: entry.term })
    }

    pub(super) fn id(&self, index: Index) -> Option<Id> {
        if index == self.base.index {
            return Some(self.base);
        }
        self.entries.get(&index).map(|entry| Id { index, term: entry.term })
    }

    /// The command at an index that is in the log.
    pub(super) fn command(&self, index: Index) -> Vec<u8> {
        self.entries[&index].command.clone()
    }

    pub(super) fn after(&self, index: Index) -> Vec<Entry> {
        self.entries.range(index + 1..).map(|(_, entry)| entry.clone()).collect()
    }

    pub(super) fn append(&mut self, term: Term, command: Vec<u8>) -> Index {
        let index = self.last().index + 1;
        self.entries.insert(index, Entry { term, command });
        index
    }

    /// If this log cannot continue after `prev`: the index after which it might, before all entries of the
    /// term that is there.
    pub(super) fn mismatch(&self, prev: Id) -> Option<Index> {
        if prev.index < self.base.index {
            return None;
        }
        let Some(own) = self.id(prev.index) else { return Some(self.last().index) };
        if own == prev {
            return None;
        }
        let before = self.entries.range(..prev.index).rev().find(|(_, it)| it.term != own.term);
        Some(before.map_or(self.base.index, |(index, _)| *index))
    }

    /// Puts entries after `prev`, where they are not yet. Says whether the log has changed.
    pub(super) fn merge(&mut self, prev: Index, entries: Vec<Entry>) -> bool {
        let mut changed = false;
        for (index, entry) in (prev + 1..).zip(entries) {
            let is_there = self.entries.get(&index).is_some_and(|own| own.term == entry.term);
            if index > self.base.index && !is_there {
                self.entries.split_off(&index);
                self.entries.insert(index, entry);
                changed = true;
            }
        }
        changed
    }

    /// Forgets everything up to `base`, and what follows it if the log does not have that entry.
    pub(super) fn cut(&mut self, base: Id) {
        if self.id(base.index) == Some(base) {
            self.entries = self.entries.split_off(&(base.index + 1));
        } else {
            self.entries.clear();
        }
        self.base = base;
    }
}
