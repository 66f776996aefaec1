//! The log: a queue of entries, and the index and term of what comes before its first entry.

use std::collections::VecDeque;

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
    base: (Index, Term),
    entries: VecDeque<Entry>,
}

impl Log {
    /// Index and term of the last entry that the snapshot includes.
    pub(super) fn base(&self) -> (Index, Term) {
        self.base
    }

    /// Index and term of the last entry.
    pub(super) fn last(&self) -> (Index, Term) {
        let index = self.base.0 + self.entries.len() as Index;
        (index, self.entries.back().map_or(self.base.1, |entry| entry.term))
    }

    pub(super) fn term(&self, index: Index) -> Option<Term> {
        if index == self.base.0 { Some(self.base.1) } else { self.entry(index).map(|it| it.term) }
    }

    /// The command at an index that is in the log.
    pub(super) fn command(&self, index: Index) -> &[u8] {
        &self.entry(index).expect("it is in the log").command
    }

    fn entry(&self, index: Index) -> Option<&Entry> {
        let place = index.checked_sub(self.base.0 + 1)?;
        self.entries.get(place as usize)
    }

    /// Up to `most` entries after `index`.
    pub(super) fn after(&self, index: Index, most: usize) -> Vec<Entry> {
        self.entries.iter().skip((index - self.base.0) as usize).take(most).cloned().collect()
    }

    pub(super) fn push(&mut self, term: Term, command: Vec<u8>) -> Index {
        self.entries.push_back(Entry { term, command });
        self.last().0
    }

    /// Puts entries after `prev`, unless they are there already.
    pub(super) fn put(&mut self, prev: Index, entries: Vec<Entry>) -> bool {
        let mut changed = false;
        for (index, entry) in (prev + 1..).zip(entries) {
            if index > self.base.0 && self.term(index) != Some(entry.term) {
                self.entries.truncate((index - self.base.0 - 1) as usize);
                self.entries.push_back(entry);
                changed = true;
            }
        }
        changed
    }

    /// The first index of the term that the entry at `index` has.
    pub(super) fn begin_of_term(&self, index: Index) -> Index {
        let term = self.term(index);
        let is_same = |index: &Index| self.term(*index) == term;
        (self.base.0 + 1..=index).rev().take_while(is_same).last().unwrap_or(index)
    }

    /// The last index with this term.
    pub(super) fn end_of_term(&self, term: Term) -> Option<Index> {
        let place = self.entries.iter().rposition(|entry| entry.term == term)?;
        Some(self.base.0 + place as Index + 1)
    }

    /// Drops what comes up to `index`, and everything if its entry is not in the log.
    pub(super) fn begin_after(&mut self, index: Index, term: Term) {
        if self.term(index) == Some(term) {
            self.entries.drain(..(index - self.base.0) as usize);
        } else {
            self.entries.clear();
        }
        self.base = (index, term);
    }
}
