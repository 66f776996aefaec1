//! The log.

use serde::{Deserialize, Serialize};

use crate::apply::{Index, Term};

/// Where an entry is, and its term. The order is that of "up-to-date" (section 5.4.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Position {
    pub(super) term: Term,
    pub(super) index: Index,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) term: Term,
    #[serde(with = "serde_bytes")]
    pub(super) command: Vec<u8>,
}

#[derive(Default, Serialize, Deserialize)]
pub(super) struct Log {
    /// The last entry that the snapshot includes.
    pub(super) base: Position,
    entries: Vec<Entry>,
}

impl Log {
    pub(super) fn last(&self) -> Position {
        let index = self.base.index + self.entries.len() as Index;
        self.at(index).expect("the log has a last position")
    }

    pub(super) fn at(&self, index: Index) -> Option<Position> {
        let offset = index.checked_sub(self.base.index)?;
        let term = match offset {
            0 => self.base.term,
            _ => self.entries.get(offset as usize - 1)?.term,
        };
        Some(Position { term, index })
    }

    pub(super) fn after(&self, index: Index) -> &[Entry] {
        &self.entries[(index - self.base.index) as usize..]
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// The newest position at or below `index` whose term is not above `term`.
    pub(super) fn newest_below(&self, index: Index, term: Term) -> Position {
        let top = index.clamp(self.base.index, self.last().index);
        let positions = (self.base.index..=top).rev().filter_map(|index| self.at(index));
        positions.into_iter().find(|it| it.term <= term).unwrap_or(self.base)
    }

    /// Puts entries after `prev`, which this log has. Says whether it has changed.
    pub(super) fn put(&mut self, prev: Index, entries: Vec<Entry>) -> bool {
        let mut changed = false;
        for (index, entry) in (prev + 1..).zip(entries) {
            let is_there = self.at(index).is_some_and(|own| own.term == entry.term);
            if index > self.base.index && !is_there {
                self.entries.truncate((index - self.base.index - 1) as usize);
                self.entries.push(entry);
                changed = true;
            }
        }
        changed
    }

    /// Begins the log after `base`. What follows it stays if the log has that entry.
    pub(super) fn cut(&mut self, base: Position) {
        if self.at(base.index) == Some(base) {
            self.entries.drain(..(base.index - self.base.index) as usize);
        } else {
            self.entries.clear();
        }
        self.base = base;
    }
}
