//! Who has led in which term, as the servers say.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Instant;

use protocol::Term;

use crate::runner::{Class, Failure};

/// Checks that a term has at most one leader (Election Safety, Figure 3), and that a server's term never
/// decreases.
#[derive(Debug)]
pub(crate) struct Elections {
    /// The number of the first server.
    first: usize,
    /// The leader of each term, and when it was first seen to lead.
    leaders: BTreeMap<Term, (usize, Instant)>,
    servers: Vec<Seen>,
}

/// What a server said last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) term: Term,
    pub(crate) leads: bool,
    /// The last term in which it was leader. It saved that term before it asked for votes, so it must know
    /// it even after a crash.
    led: Term,
    /// The last term in which it was leader in its present life.
    office: Term,
    /// At some time after this it was so.
    since: Instant,
    /// At some time after this it was in an older term, or started.
    behind: Instant,
}

/// A server that has become leader since it was last asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NewLeader {
    /// At some time after this the server was in an older term, or started. Whatever has made it leader came later.
    pub(crate) behind: Instant,
    /// Whether it led this same term before it restarted.
    pub(crate) led_before: bool,
}

impl Elections {
    /// For servers with these numbers. The methods count them from 0.
    pub(crate) fn new(numbers: Range<usize>) -> Self {
        Elections {
            first: numbers.start,
            leaders: BTreeMap::new(),
            servers: vec![Seen::unknown(0, 0, Instant::now()); numbers.len()],
        }
    }

    /// A server restarts: it may have forgotten a term that it never told another server. `told` is the newest
    /// one that it has told.
    pub(crate) fn restart(&mut self, server: usize, told: Term) {
        let seen = &mut self.servers[server];
        *seen = Seen::unknown(seen.led.max(told), seen.led, Instant::now());
    }

    /// Notes what a server says, and what was so at some time after `since`. Returns whether it has become leader
    /// since it last said something.
    pub(crate) fn observe(
        &mut self,
        server: usize,
        (term, leads): (Term, bool),
        since: Instant,
    ) -> Result<Option<NewLeader>, Failure> {
        let number = self.first + server;
        let seen = &mut self.servers[server];
        if term < seen.term {
            return Err(Failure::new(
                Class::Invariant,
                format!("the term of server {number} never decreases: it was {}", seen.term),
                format!("server {number} is in term {term}"),
            ));
        }
        let is_new_leader = leads && seen.office < term;
        if term > seen.term {
            seen.behind = seen.since;
        }
        seen.since = since;
        seen.term = term;
        seen.leads = leads;
        if !leads {
            return Ok(None);
        }
        let (behind, led_before) = (seen.behind, seen.led == term);
        (seen.led, seen.office) = (term, term);
        let (first, _) = *self.leaders.entry(term).or_insert_with(|| (server, Instant::now()));
        if first != server {
            return Err(Failure::new(
                Class::Invariant,
                format!("term {term} has at most one leader (Election Safety, Figure 3)"),
                format!("servers {} and {number} both lead it", self.first + first),
            ));
        }
        Ok(is_new_leader.then_some(NewLeader { behind, led_before }))
    }

    /// The terms that have got a leader since some time, with their leaders.
    pub(crate) fn elected_since(&self, time: Instant) -> Vec<(Term, usize)> {
        let new = self.leaders.iter().filter(|(_, (_, at))| *at >= time);
        new.map(|(term, (server, _))| (*term, self.first + server)).collect()
    }

    /// What a server said last.
    pub(crate) fn seen(&self, server: usize) -> Seen {
        self.servers[server]
    }
}

impl Seen {
    /// A server that has said nothing yet, and must know `term`.
    fn unknown(term: Term, led: Term, at: Instant) -> Self {
        Seen { term, leads: false, led, office: 0, since: at, behind: at }
    }
}
