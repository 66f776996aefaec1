//! The log. Its first element stands for everything before it: it has an index and a term, but no command.

use serde::{Deserialize, Serialize};

use crate::apply::{Index, Term};

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) index: Index,
    pub(super) term: Term,
    #[serde(with = "serde_bytes")]
    pub(super) command: Vec<u8>,
}

/// Where a follower's log differs from the leader's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Conflict {
    /// The term of the follower's entry; `None` if its log is too short.
    term: Option<Term>,
    /// The first index of that term, or the one after the end of the log.
    index: Index,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Log(Vec<Entry>);

impl Log {
    pub(super) fn new() -> Self {
        Log(vec![Entry::default()])
    }

    /// The element before the first entry: where the snapshot ends.
    pub(super) fn base(&self) -> &Entry {
        &self.0[0]
    }

    /// The last entry, or the base.
    pub(super) fn last(&self) -> &Entry {
        self.0.last().expect("the base is always there")
    }

    pub(super) fn term_at(&self, index: Index) -> Option<Term> {
        let offset = index.checked_sub(self.base().index)?;
        self.0.get(offset as usize).map(|entry| entry.term)
    }

    /// The entries from `index` on, which must be above the base.
    pub(super) fn from(&self, index: Index) -> &[Entry] {
        &self.0[(index - self.base().index) as usize..]
    }

    pub(super) fn push(&mut self, term: Term, command: Vec<u8>) -> Index {
        let index = self.last().index + 1;
        self.0.push(Entry { index, term, command });
        index
    }

    /// Why entries after `index` cannot be appended, if there is a reason.
    pub(super) fn conflict(&self, index: Index, term: Term) -> Option<Conflict> {
        match self.term_at(index) {
            _ if index < self.base().index => None,
            Some(own) if own == term => None,
            Some(own) => {
                let first = self.0.iter().find(|entry| entry.term == own)?;
                Some(Conflict { term: Some(own), index: first.index })
            }
            None => Some(Conflict { term: None, index: self.last().index + 1 }),
        }
    }

    /// Where the leader tries next after a conflict.
    pub(super) fn after(&self, conflict: &Conflict) -> Index {
        let same_term = |entry: &&Entry| Some(entry.term) == conflict.term;
        self.0.iter().rfind(same_term).map_or(conflict.index, |entry| entry.index + 1).max(1)
    }

    /// Takes over the leader's entries. Says whether the log has changed.
    pub(super) fn merge(&mut self, entries: Vec<Entry>) -> bool {
        let (base, mut changed) = (self.base().index, false);
        for entry in entries.into_iter().filter(|entry| entry.index > base) {
            if self.term_at(entry.index) != Some(entry.term) {
                self.0.truncate((entry.index - base) as usize);
                self.0.push(entry);
                changed = true;
            }
        }
        changed
    }

    /// Begins the log after `index`, whose entry has this term. Entries that follow it stay.
    pub(super) fn cut(&mut self, index: Index, term: Term) {
        if self.term_at(index) == Some(term) {
            self.0.drain(..(index - self.base().index) as usize);
            self.0[0].command.clear();
        } else {
            self.0 = vec![Entry { index, term, command: Vec::new() }];
        }
    }
}
