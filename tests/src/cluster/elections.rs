//! Who has led in which term, as the servers themselves have said.

use std::collections::BTreeMap;
use std::ops::Range;

use raft::Term;

use crate::runner::{Class, Failure};

/// Checks Election Safety (Figure 3): at most one leader a term; and that a server's term only grows.
#[derive(Debug)]
pub(crate) struct Elections {
    /// The number of the first server.
    first: usize,
    leaders: BTreeMap<Term, usize>,
    servers: Vec<Seen>,
}

/// What a server has last said of itself.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    pub(crate) term: Term,
    pub(crate) leads: bool,
    /// The last term in which it has led. It had that term on disk before it asked for votes, so it
    /// must remember it even after a crash.
    led: Term,
}

impl Elections {
    /// For servers with these numbers. Below they count from 0.
    pub(crate) fn new(numbers: Range<usize>) -> Self {
        Elections {
            first: numbers.start,
            leaders: BTreeMap::new(),
            servers: vec![Seen::default(); numbers.len()],
        }
    }

    /// A server starts again: it may have forgotten a term that it told nobody of.
    pub(crate) fn restart(&mut self, server: usize) {
        let seen = &mut self.servers[server];
        *seen = Seen { term: seen.led, leads: false, led: seen.led };
    }

    /// Notes what a server says. `Ok(true)` if it has come to lead since it was last asked.
    pub(crate) fn observe(
        &mut self,
        server: usize,
        term: Term,
        leads: bool,
    ) -> Result<bool, Failure> {
        let number = self.first + server;
        let seen = &mut self.servers[server];
        if term < seen.term {
            return Err(Failure::new(
                Class::Invariant,
                format!(
                    "the term of server {number} never goes back: it was in term {}",
                    seen.term
                ),
                format!("it is in term {term}"),
            ));
        }
        let rises = leads && seen.led < term;
        seen.term = term;
        seen.leads = leads;
        if !leads {
            return Ok(false);
        }
        seen.led = term;
        let first = *self.leaders.entry(term).or_insert(server);
        if first != server {
            return Err(Failure::new(
                Class::Invariant,
                format!(
                    "at most one server leads in a term (Figure 3, Election Safety): server {} leads term {term}",
                    self.first + first
                ),
                format!("server {number} claims to lead term {term}, too"),
            ));
        }
        Ok(rises)
    }

    pub(crate) fn seen(&self, server: usize) -> Seen {
        self.servers[server]
    }
}
