//! Who has led in which term, as the servers say.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Instant;

use protocol::Term;

/// Checks that a term has at most one leader (Election Safety, Figure 3), and that a server's term never
/// decreases.
#[derive(Debug)]
pub(crate) struct Elections {
    /// The number of the first server.
    first: usize,
    /// The leader of each term, and when it was first seen to lead.
    leaders: BTreeMap<Term, (usize, Instant)>,
    servers: Vec<Seen>,
    /// When each server has started.
    starts: Vec<Vec<Instant>>,
}

/// A rule of elections is broken. Servers are counted from 0.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The server's term has decreased.
    TermDecreased {
        before: Term,
        /// Whether it is the first that it says since it started again.
        is_restarted: bool,
    },
    /// Another server leads this term, and was seen to lead first at this time.
    SecondLeader {
        first: usize,
        at: Instant,
        /// The older term that the second one led when it was last asked, if it did.
        led_older: Option<Term>,
    },
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
    /// Whether it has said nothing yet in its present life.
    is_silent: bool,
    /// At some time after this it was so.
    since: Instant,
    /// At some time after this it was in an older term, or started.
    pub(crate) behind: Instant,
}

/// A server that has become leader since it was last asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NewLeader {
    /// At some time after this the server was in an older term, or started. Whatever has made it leader came later.
    pub(crate) behind: Instant,
    /// Whether it led this same term before it restarted.
    pub(crate) led_before: bool,
    /// The older term that it led when it was last asked, if it did.
    pub(crate) led_older: Option<Term>,
}

/// A server that leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Leadership {
    pub(crate) server: usize,
    pub(crate) term: Term,
    /// When it was first seen to lead.
    pub(crate) since: Instant,
    /// The term before this one that it has led, if it has.
    pub(crate) earlier: Option<Term>,
}

impl Leadership {
    /// For how long, in which term, and in which one before, such as "for 1.2 s, in term 4, as before in term 1".
    pub(crate) fn describe(&self) -> String {
        let earlier =
            self.earlier.map_or_else(String::new, |term| format!(", as before in term {term}"));
        format!("for {:.1} s, in term {}{earlier}", self.since.elapsed().as_secs_f64(), self.term)
    }
}

impl Elections {
    /// For servers with these numbers. The methods count them from 0.
    pub(crate) fn new(numbers: Range<usize>) -> Self {
        Elections {
            first: numbers.start,
            leaders: BTreeMap::new(),
            servers: vec![Seen::unknown(0, 0, Instant::now()); numbers.len()],
            starts: vec![Vec::new(); numbers.len()],
        }
    }

    /// A server restarts: it may have forgotten a term that it never told another server. `told` is the newest
    /// one that it has told.
    pub(crate) fn restart(&mut self, server: usize, told: Term) {
        let seen = &mut self.servers[server];
        let now = Instant::now();
        *seen = Seen::unknown(seen.led.max(told), seen.led, now);
        self.starts[server].push(now);
    }

    /// Notes what a server says, and what was so at some time after `since`. Returns whether it has become leader
    /// since it last said something.
    pub(crate) fn observe(
        &mut self,
        server: usize,
        (term, leads): (Term, bool),
        since: Instant,
    ) -> Result<Option<NewLeader>, Broken> {
        let seen = &mut self.servers[server];
        if term < seen.term {
            let (before, is_restarted) =
                (seen.term, seen.is_silent && self.starts[server].len() > 1);
            return Err(Broken::TermDecreased { before, is_restarted });
        }
        let is_new_leader = leads && seen.office < term;
        let led_older = Some(seen.term).filter(|older| seen.leads && *older < term);
        if term > seen.term {
            seen.behind = seen.since;
        }
        seen.is_silent = false;
        seen.since = since;
        seen.term = term;
        seen.leads = leads;
        if !leads {
            return Ok(None);
        }
        let (behind, led_before) = (seen.behind, seen.led == term);
        (seen.led, seen.office) = (term, term);
        let (first, at) = *self.leaders.entry(term).or_insert_with(|| (server, Instant::now()));
        if first != server {
            return Err(Broken::SecondLeader { first, at, led_older });
        }
        Ok(is_new_leader.then_some(NewLeader { behind, led_before, led_older }))
    }

    /// The terms that have got a leader since some time, with their leaders, and when these were seen first.
    pub(crate) fn elected_since(&self, time: Instant) -> Vec<(Term, usize, Instant)> {
        let new = self.leaders.iter().filter(|(_, (_, at))| *at >= time);
        new.map(|(term, (server, at))| (*term, self.first + server, *at)).collect()
    }

    /// The server that was seen to lead a term.
    pub(crate) fn leader_of(&self, term: Term) -> Option<usize> {
        self.leaders.get(&term).map(|(server, _)| self.first + server)
    }

    /// The servers that have started again since some time.
    pub(crate) fn restarted_since(&self, time: Instant) -> Vec<usize> {
        let is_since = |(_, starts): &(usize, &Vec<Instant>)| {
            starts.iter().skip(1).any(|start| *start >= time)
        };
        let starts = (self.first..).zip(&self.starts);
        starts.filter(is_since).map(|(server, _)| server).collect()
    }

    /// The server that was the last one to start again before some time, and when it did.
    pub(crate) fn last_restart_before(&self, time: Instant) -> Option<(usize, Instant)> {
        let starts = (self.first..).zip(&self.starts);
        let restarts = starts
            .flat_map(|(server, starts)| starts.iter().skip(1).map(move |start| (server, *start)));
        restarts.filter(|(_, start)| *start < time).max_by_key(|(_, start)| *start)
    }

    /// The newest term that has got a leader, and this one.
    pub(crate) fn newest_leader(&self) -> Option<(Term, usize)> {
        self.leaders.last_key_value().map(|(term, (server, _))| (*term, self.first + server))
    }

    /// The leader of the newest term that has got one, if it led when it was last asked. The server is counted from 0.
    pub(crate) fn leadership(&self) -> Option<Leadership> {
        let (term, (server, since)) = self.leaders.last_key_value()?;
        let seen = self.servers[*server];
        let mut earlier = self.leaders.range(..term).rev();
        (seen.leads && seen.term == *term).then(|| Leadership {
            server: *server,
            term: *term,
            since: *since,
            earlier: earlier.find(|(_, (leader, _))| leader == server).map(|(term, _)| *term),
        })
    }

    /// The last term that a server has led, and when it was first seen to lead it.
    pub(crate) fn led_last(&self, server: usize) -> Option<(Term, Instant)> {
        let mut leaders = self.leaders.iter().rev();
        leaders.find(|(_, (leader, _))| *leader == server).map(|(term, (_, at))| (*term, *at))
    }

    /// What a server said last.
    pub(crate) fn seen(&self, server: usize) -> Seen {
        self.servers[server]
    }
}

impl Seen {
    /// A server that has said nothing yet, and must know `term`.
    fn unknown(term: Term, led: Term, at: Instant) -> Self {
        Seen { term, leads: false, led, office: 0, is_silent: true, since: at, behind: at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_leads_the_newest_term_is_known_with_the_term_it_led_before() {
        let now = Instant::now();
        let mut elections = Elections::new(10..13);
        let mut observe = |server, said| {
            elections.observe(server, said, now).expect("no rule is broken");
            elections.leadership().map(|it| (it.server, it.term, it.earlier))
        };
        assert_eq!(observe(1, (1, true)), Some((1, 1, None)));
        assert_eq!(observe(2, (3, true)), Some((2, 3, None)));
        assert_eq!(observe(2, (3, false)), None);
        assert_eq!(observe(1, (4, true)), Some((1, 4, Some(1))));
        elections.restart(1, 4);
        assert_eq!(elections.leadership(), None);
    }
}
