//! The commands that a test has proposed, and where servers have said that they put them.

use std::collections::BTreeMap;

use protocol::{Index, Started, Term};

use super::ledger::show_command;

/// Of how many servers that have accepted a command a failure tells.
const SHOWN: usize = 2;

/// By command, the servers that have accepted it.
#[derive(Debug, Default)]
pub(crate) struct Proposals(BTreeMap<Vec<u8>, Vec<(usize, Started)>>);

impl Proposals {
    /// The test is about to propose a command.
    pub(crate) fn propose(&mut self, command: &[u8]) {
        if !self.0.contains_key(command) {
            self.0.insert(command.to_vec(), Vec::new());
        }
    }

    /// A server has accepted a command that the test has proposed.
    pub(crate) fn accept(&mut self, command: &[u8], server: usize, started: Started) {
        if let Some(accepted) = self.0.get_mut(command) {
            accepted.push((server, started));
        }
    }

    /// Whether a command has been accepted once, so that one entry of some log holds it and its copies in others.
    pub(crate) fn is_in_one_entry(&self, command: &[u8]) -> bool {
        self.0.get(command).is_some_and(|accepted| accepted.len() == 1)
    }

    /// The newest term in which a server has accepted a command for this index, if it has.
    pub(crate) fn accepted_in(&self, command: &[u8], server: usize, index: Index) -> Option<Term> {
        let accepted = self.0.get(command).into_iter().flatten();
        let own = accepted.filter(|(by, started)| *by == server && started.index == index);
        own.map(|(_, started)| started.term).max()
    }

    /// The term of the entry with a command at this index, if only one server has accepted the command, and for this index.
    pub(crate) fn term_of_entry(&self, command: &[u8], index: Index) -> Option<Term> {
        match self.0.get(command)?.as_slice() {
            [(_, started)] if started.index == index => Some(started.term),
            _ => None,
        }
    }

    /// The newest term in which any server has accepted a command for this index.
    pub(crate) fn newest_term_at(&self, index: Index) -> Option<Term> {
        let accepted = self.0.values().flatten().filter(|(_, started)| started.index == index);
        accepted.map(|(_, started)| started.term).max()
    }

    /// The commands that a server has accepted for indexes after this one, in the order of these.
    pub(crate) fn accepted_by(&self, server: usize, after: Index) -> Vec<(Vec<u8>, Started)> {
        let all = self.0.iter().flat_map(|(command, accepted)| {
            accepted.iter().map(move |(by, started)| (command, *by, *started))
        });
        let own = all.filter(|(_, by, started)| *by == server && started.index > after);
        let mut own = Vec::from_iter(own.map(|(command, _, started)| (command.clone(), started)));
        own.sort_by_key(|(_, started)| started.index);
        own
    }

    /// Whether a command has been accepted for another index than this one too, so that its bytes say nothing of an entry.
    pub(crate) fn is_elsewhere(&self, command: &[u8], index: Index) -> bool {
        let mut accepted = self.0.get(command).into_iter().flatten();
        accepted.any(|(_, started)| started.index != index)
    }

    /// Who has accepted a command for an index, in words, to follow a sentence. If no server has, who has accepted it
    /// for another one; empty if no server has said so.
    pub(crate) fn describe(&self, command: &[u8], index: Index) -> String {
        let shown = show_command(command);
        let Some(accepted) = self.0.get(command) else {
            return format!("; the test has never proposed {shown}");
        };
        let describe = |(server, started): &(usize, Started)| {
            let Started { index, term } = started;
            format!("; server {server} accepted {shown} for index {index} in term {term}")
        };
        let is_there = |accepted: &&(usize, Started)| accepted.1.index == index;
        if accepted.iter().any(|accepted| is_there(&accepted)) {
            return accepted.iter().filter(is_there).take(SHOWN).map(describe).collect();
        }
        accepted.iter().rev().take(SHOWN).map(describe).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_was_accepted_twice_may_be_of_either_term() {
        let mut proposals = Proposals::default();
        proposals.propose(b"x");
        assert_eq!(proposals.term_of_entry(b"x", 2), None);
        proposals.accept(b"x", 1, Started { index: 2, term: 3 });
        assert_eq!(proposals.term_of_entry(b"x", 2), Some(3));
        assert_eq!(proposals.term_of_entry(b"x", 1), None);
        proposals.accept(b"x", 0, Started { index: 2, term: 4 });
        assert_eq!(proposals.term_of_entry(b"x", 2), None);
    }

    #[test]
    fn who_has_accepted_a_command_is_told() {
        let mut proposals = Proposals::default();
        proposals.propose(b"x");
        assert_eq!(proposals.describe(b"x", 2), "");
        assert_eq!(proposals.describe(b"", 1), "; the test has never proposed \"\"");
        proposals.accept(b"x", 1, Started { index: 2, term: 3 });
        let first = "; server 1 accepted \"x\" for index 2 in term 3";
        assert_eq!(proposals.describe(b"x", 7), first);
        proposals.accept(b"x", 0, Started { index: 5, term: 4 });
        assert_eq!(proposals.describe(b"x", 2), first);
    }
}
