//! Requests for votes that a scene holds, each with the term that it is for.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use labrpc::{HeldMessage, MessageId};
use protocol::Term;

use super::chance::Chance;
use super::messages::{PRE_VOTE, votes};
use super::stage::{STEP, Script};
use crate::harness::server_name;
use crate::runner::{Class, Failure, fail};

/// A held request for a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::suites) struct VoteRequest {
    pub(in crate::suites) from: usize,
    pub(in crate::suites) to: usize,
    /// The term that the sender stands in.
    pub(in crate::suites) term: Term,
    pub(in crate::suites) message: MessageId,
}

/// What is known of the requests for votes so far.
struct Elections {
    /// What each server says by a RequestVote of these bytes. A candidate asks all servers in the same words, and one
    /// of its threads may do so late, when its term is another one.
    known: BTreeMap<(usize, Vec<u8>), Meaning>,
    /// By sender, recipient and term: who stands, and the terms in which the servers were at the beginning. What
    /// comes in these with other bytes only asks whether the sender would be elected: its term has not risen.
    stood: BTreeSet<(usize, usize, Term)>,
    /// The newest request that has been looked at.
    newest: Option<MessageId>,
    requests: Vec<VoteRequest>,
}

/// What a server says by a request for a vote.
#[derive(Clone, Copy)]
enum Meaning {
    /// It stands in this term.
    Stands(Term),
    /// It asks whether it would be elected.
    Asks,
}

impl Script<'_> {
    /// Holds all requests for votes until `enough` says that enough were sent, and returns them, oldest first.
    ///
    /// A server may first ask whether it would be elected, before it stands: by PreVote, or by a RequestVote when its term
    /// has not risen. Such questions pass.
    pub(in crate::suites) fn hold_elections(
        &self,
        step: &str,
        enough: impl FnMut(&[VoteRequest]) -> bool,
    ) -> Result<Vec<VoteRequest>, Chance> {
        self.hold_elections_within(STEP, step, enough)
    }

    /// The same for what takes many elections. Those that ask whether they would be elected stand less often.
    pub(in crate::suites) fn hold_elections_within(
        &self,
        within: Duration,
        step: &str,
        mut enough: impl FnMut(&[VoteRequest]) -> bool,
    ) -> Result<Vec<VoteRequest>, Chance> {
        let size = self.cluster.size();
        let stood = (0..size)
            .flat_map(|from| (0..size).map(move |to| (from, to)))
            .map(|(from, to)| (from, to, self.term(from)))
            .collect();
        let mut elections =
            Elections { known: BTreeMap::new(), stood, newest: None, requests: Vec::new() };
        self.hold(votes());
        let happened = self.happens(within, || {
            let new = self.held_after(&votes(), elections.newest);
            let any = !new.is_empty();
            new.into_iter().for_each(|message| self.sort(message, &mut elections));
            any && enough(&elections.requests)
        });
        if !happened && elections.newest.is_none() {
            fail(Failure::new(
                Class::NoProgress,
                "servers that hear from no leader stand for election: they send RequestVote (section 5.2)"
                    .to_owned(),
                format!("none has done so for {} s", within.as_secs()),
            ));
        }
        Chance::unless(happened, step).map(|()| elections.requests)
    }

    /// Keeps a new request if its sender stands, and lets it pass if it only asks.
    fn sort(&self, message: HeldMessage, elections: &mut Elections) {
        elections.newest = Some(message.id);
        let server = |name: &str| (0..self.cluster.size()).find(|it| server_name(*it) == name);
        let (Some(from), Some(to)) = (server(&message.from), server(&message.to)) else {
            return;
        };
        if elections.seems_to_ask(from, self.term(from), to, &message) {
            // Its new term may not be known yet.
            self.await_report();
        }
        match elections.meaning(from, self.term(from), to, (&message.method, message.bytes)) {
            Meaning::Asks => _ = self.cluster.network().release(message.id),
            // A candidate may repeat its request.
            Meaning::Stands(term) if !elections.stood.insert((from, to, term)) => {}
            Meaning::Stands(term) => {
                elections.requests.push(VoteRequest { from, to, term, message: message.id });
            }
        }
    }

    /// Lets a request for a vote arrive twice.
    pub(in crate::suites) fn release_vote_twice(&self, request: &VoteRequest) {
        self.cluster.network().release_twice(request.message);
    }

    /// The held replies to a request for a vote, oldest first. Those to other requests are not among them, such as to
    /// an earlier question whether the sender would be elected.
    pub(in crate::suites) fn held_replies_to(&self, request: &VoteRequest) -> Vec<MessageId> {
        let replies = self.held(&votes().replies().from(request.to).to(request.from));
        let own = replies.iter().filter(|reply| reply.call == request.message);
        own.map(|reply| reply.id).collect()
    }

    /// Lets a request for a vote arrive.
    pub(in crate::suites) fn release_vote(&self, request: &VoteRequest) {
        self.cluster.network().release(request.message);
    }
}

impl Elections {
    /// Whether a RequestVote in new words comes from a server whose term has not risen, as far as that is known.
    fn seems_to_ask(&self, from: usize, term: Term, to: usize, message: &HeldMessage) -> bool {
        message.method != PRE_VOTE
            && self.stood.contains(&(from, to, term))
            && !self.known.contains_key(&(from, message.bytes.clone()))
    }

    /// What a server, now in this term, says by a request to another one.
    fn meaning(
        &mut self,
        from: usize,
        term: Term,
        to: usize,
        (method, bytes): (&str, Vec<u8>),
    ) -> Meaning {
        // It may be in the same words as the RequestVote that follows.
        if method == PRE_VOTE {
            return Meaning::Asks;
        }
        let has_stood = self.stood.contains(&(from, to, term));
        let meaning = if has_stood { Meaning::Asks } else { Meaning::Stands(term) };
        *self.known.entry((from, bytes)).or_insert(meaning)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::{Elections, Meaning, PRE_VOTE};

    #[test]
    fn who_asks_in_the_term_of_the_beginning_does_not_stand() {
        let stood = BTreeSet::from([(0, 1, 4)]);
        let mut elections =
            Elections { known: BTreeMap::new(), stood, newest: None, requests: Vec::new() };
        let mut says = |term, method, bytes: &[u8]| match elections.meaning(
            0,
            term,
            1,
            (method, bytes.to_vec()),
        ) {
            Meaning::Asks => None,
            Meaning::Stands(term) => Some(term),
        };
        const VOTE: &str = "Raft.RequestVote";
        assert_eq!(says(4, VOTE, b"question"), None);
        assert_eq!(says(4, PRE_VOTE, b"request"), None);
        assert_eq!(says(5, VOTE, b"request"), Some(5), "in the words of the PreVote");
        // One of its threads sends these late.
        assert_eq!(says(5, VOTE, b"question"), None);
        assert_eq!(says(6, VOTE, b"request"), Some(5));
        assert_eq!(says(6, PRE_VOTE, b"request"), None);
    }
}
