//! A log that begins where a snapshot ends.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::members::Servers;
use crate::apply::{Index, Term};

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) term: Term,
    #[serde(with = "serde_bytes")]
    pub(super) command: Vec<u8>,
}

/// Lets a leader skip a whole term of conflicting entries at a time (section 5.3, last paragraphs).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Conflict {
    /// The term of the follower's entry at `prev_log_index`. `None` if its log is too short.
    term: Option<Term>,
    /// The first index of that term, or the index after the end of the log.
    index: Index,
}

/// The entries above a base: the last entry that a snapshot includes, or index 0 if there is none.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Log {
    pub(super) base_index: Index,
    pub(super) base_term: Term,
    /// The entry at index `base_index + 1` and those after it.
    entries: Vec<Entry>,
    // 2F
    /// The members of the cluster from these entries on: as of the base, and for each later entry that changes them.
    pub(super) members: BTreeMap<Index, Servers>,
}

impl Log {
    /// Term and index of the last entry, in the order that compares logs (section 5.4.1).
    pub(super) fn last(&self) -> (Term, Index) {
        let term = self.entries.last().map_or(self.base_term, |entry| entry.term);
        (term, self.base_index + self.entries.len() as Index)
    }

    /// The term of an entry, or of the base. `None` for an index outside of the log.
    pub(super) fn term_at(&self, index: Index) -> Option<Term> {
        match index.checked_sub(self.base_index)? {
            0 => Some(self.base_term),
            offset => self.entries.get(offset as usize - 1).map(|entry| entry.term),
        }
    }

    /// The entries `from..=to`, all above the base.
    pub(super) fn between(&self, from: Index, to: Index) -> &[Entry] {
        &self.entries[(from - self.base_index - 1) as usize..(to - self.base_index) as usize]
    }

    /// Adds an entry at the end, and returns its index.
    pub(super) fn append(&mut self, entry: Entry) -> Index {
        self.entries.push(entry);
        self.base_index + self.entries.len() as Index
    }

    /// Where this log differs from one with an entry of `term` at `index`. `None` if it has that entry.
    pub(super) fn conflict(&self, index: Index, term: Term) -> Option<Conflict> {
        if index < self.base_index {
            // A snapshot holds committed entries only, and all logs agree on those.
            return None;
        }
        match self.term_at(index) {
            Some(here) if here == term => None,
            Some(here) => Some(Conflict { term: Some(here), index: self.first_of(here) }),
            None => Some(Conflict { term: None, index: self.last().1 + 1 }),
        }
    }

    /// The next index for a follower that reported `conflict`: after the leader's last entry of the
    /// conflicting term, or where the follower's entries of it begin.
    pub(super) fn back_up(&self, conflict: &Conflict) -> Index {
        let after = conflict.term.and_then(|term| {
            let offset = self.entries.iter().rposition(|entry| entry.term == term)?;
            Some(self.base_index + offset as Index + 2)
        });
        after.unwrap_or(conflict.index).max(1)
    }

    fn first_of(&self, term: Term) -> Index {
        let offset = self.entries.partition_point(|entry| entry.term < term);
        self.base_index + offset as Index + 1
    }

    /// Puts `entries` after `prev_index`. Removes entries only at a real conflict (section 5.3): a
    /// delayed message must not undo a later one. Returns whether the log has changed.
    pub(super) fn merge(&mut self, prev_index: Index, entries: Vec<Entry>) -> bool {
        let mut changed = false;
        for (index, entry) in (prev_index + 1..).zip(entries) {
            if index <= self.base_index || self.term_at(index) == Some(entry.term) {
                continue;
            }
            self.entries.truncate((index - self.base_index - 1) as usize);
            // 2F
            self.members.split_off(&index);
            self.entries.push(entry);
            changed = true;
        }
        changed
    }

    /// Drops the entries up to `index`, which must be in the log.
    pub(super) fn compact(&mut self, index: Index) {
        let term = self.term_at(index).expect("only applied entries go into a snapshot");
        // 2F
        self.begin_members_at(index, self.members_at(index).clone());
        self.rebase(index, term);
    }

    /// Makes `index` the base. Keeps the entries after it if the log has that entry (Figure 13, step 6),
    /// and none otherwise.
    pub(super) fn rebase(&mut self, index: Index, term: Term) {
        if self.term_at(index) == Some(term) {
            self.entries.drain(..(index - self.base_index) as usize);
        } else {
            self.entries.clear();
            // 2F
            self.members.clear();
        }
        self.base_index = index;
        self.base_term = term;
    }

    /// The members of the cluster as of an entry.
    pub(super) fn members_at(&self, index: Index) -> &Servers {
        let (_, members) =
            self.members.range(..=index).next_back().expect("those of the base are known");
        members
    }

    /// Keeps only what is needed to know the members as of `index`, where they are these, and later.
    pub(super) fn begin_members_at(&mut self, index: Index, members: Servers) {
        self.members = self.members.split_off(&(index + 1));
        self.members.insert(index, members);
    }

    /// The changes of members among these entries.
    pub(super) fn members_between(&self, from: Index, to: Index) -> BTreeMap<Index, Servers> {
        let changes = self.members.range(from..).take_while(|(index, _)| **index <= to);
        changes.map(|(index, members)| (*index, members.clone())).collect()
    }
}
