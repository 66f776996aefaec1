//! The log: a hash map of entries, and its two ends.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::apply::{Index, Term};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    term: Term,
    #[serde(with = "serde_bytes")]
    command: Vec<u8>,
}

#[derive(Default, Serialize, Deserialize)]
pub(super) struct Log {
    /// The last index that the snapshot includes.
    pub(super) base: Index,
    base_term: Term,
    pub(super) last: Index,
    entries: HashMap<Index, Entry>,
}

impl Log {
    pub(super) fn term(&self, index: Index) -> Option<Term> {
        if index == self.base {
            return Some(self.base_term);
        }
        self.entries.get(&index).map(|entry| entry.term)
    }

    pub(super) fn last_term(&self) -> Term {
        self.term(self.last).expect("the last entry is there")
    }

    pub(super) fn command(&self, index: Index) -> Vec<u8> {
        self.entries[&index].command.clone()
    }

    pub(super) fn entries_from(&self, index: Index) -> Vec<Entry> {
        (index..=self.last).map(|index| self.entries[&index].clone()).collect()
    }

    pub(super) fn append(&mut self, term: Term, command: Vec<u8>) -> Index {
        self.last += 1;
        self.entries.insert(self.last, Entry { term, command });
        self.last
    }

    /// Puts an entry at an index after the base. Says whether the log has changed.
    pub(super) fn put(&mut self, index: Index, entry: Entry) -> bool {
        if index <= self.base || self.term(index) == Some(entry.term) {
            return false;
        }
        self.entries.retain(|at, _| *at < index);
        self.entries.insert(index, entry);
        self.last = index;
        true
    }

    /// The first index that has the same term as the entry at `index`.
    pub(super) fn first_with_term_of(&self, index: Index) -> Index {
        let term = self.term(index);
        let mut first = index;
        while first > self.base + 1 && self.term(first - 1) == term {
            first -= 1;
        }
        first
    }

    pub(super) fn last_with_term(&self, term: Term) -> Option<Index> {
        self.entries.iter().filter(|(_, entry)| entry.term == term).map(|(index, _)| *index).max()
    }

    /// Forgets what comes up to `index`, or everything if the log has another entry there.
    pub(super) fn cut(&mut self, index: Index, term: Term) {
        if self.term(index) == Some(term) {
            self.entries.retain(|at, _| *at > index);
        } else {
            self.entries.clear();
            self.last = index;
        }
        (self.base, self.base_term) = (index, term);
    }
}
