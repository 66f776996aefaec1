//! Who has led in which term, as the servers say.

use std::collections::BTreeMap;
use std::ops::Range;

use protocol::Term;

use crate::runner::{Class, Failure};

/// Checks that a term has at most one leader (Election Safety, Figure 3), and that a server's term never
/// decreases.
#[derive(Debug)]
pub(crate) struct Elections {
    /// The number of the first server.
    first: usize,
    leaders: BTreeMap<Term, usize>,
    servers: Vec<Seen>,
}

/// What a server said last.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    pub(crate) term: Term,
    pub(crate) leads: bool,
    /// The last term in which it was leader. It saved that term before it asked for votes, so it must know
    /// it even after a crash.
    led: Term,
}

impl Elections {
    /// For servers with these numbers. The methods count them from 0.
    pub(crate) fn new(numbers: Range<usize>) -> Self {
        Elections {
            first: numbers.start,
            leaders: BTreeMap::new(),
            servers: vec![Seen::default(); numbers.len()],
        }
    }

    /// A server restarts: it may have forgotten a term that it never told another server.
    pub(crate) fn restart(&mut self, server: usize) {
        let seen = &mut self.servers[server];
        *seen = Seen { term: seen.led, leads: false, led: seen.led };
    }

    /// Notes what a server says. `Ok(true)` if it has become leader since it was last asked.
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
                format!("the term of server {number} never decreases: it was {}", seen.term),
                format!("server {number} is in term {term}"),
            ));
        }
        let is_new_leader = leads && seen.led < term;
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
                format!("term {term} has at most one leader (Election Safety, Figure 3)"),
                format!("servers {} and {number} both lead it", self.first + first),
            ));
        }
        Ok(is_new_leader)
    }

    /// What a server said last.
    pub(crate) fn seen(&self, server: usize) -> Seen {
        self.servers[server]
    }
}
