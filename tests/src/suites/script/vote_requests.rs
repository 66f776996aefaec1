//! Requests for votes that a scene holds, each with the term that it is for.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use labrpc::MessageId;
use protocol::Term;

use super::chance::Chance;
use super::messages::votes;
use super::stage::Script;
use crate::harness::server_name;
use crate::runner::{Class, Failure, fail};

/// A held request for a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::suites) struct VoteRequest {
    pub(in crate::suites) from: usize,
    pub(in crate::suites) to: usize,
    /// The term that the sender stands in.
    pub(in crate::suites) term: Term,
    message: MessageId,
}

/// What is known of the requests for votes so far.
struct Elections {
    /// By sender, recipient and term: the bytes of the request, and no bytes for the term in which the sender
    /// was at the beginning. What has other bytes only asks whether the sender would be elected: its term has
    /// not risen.
    known: BTreeMap<(usize, usize, Term), Vec<u8>>,
    seen: BTreeSet<MessageId>,
    requests: Vec<VoteRequest>,
}

impl Script<'_> {
    /// Holds all requests for votes until `enough` says that enough were sent, and returns them, oldest first.
    ///
    /// A server may first ask whether it would be elected, before it stands: its term has not risen then. Such
    /// questions pass.
    pub(in crate::suites) fn hold_elections(
        &self,
        step: &str,
        mut enough: impl FnMut(&[VoteRequest]) -> bool,
    ) -> Result<Vec<VoteRequest>, Chance> {
        let size = self.cluster.size();
        let known = (0..size)
            .flat_map(|from| (0..size).map(move |to| (from, to)))
            .map(|(from, to)| ((from, to, self.term(from)), Vec::new()))
            .collect();
        let mut elections = Elections { known, seen: BTreeSet::new(), requests: Vec::new() };
        self.hold(votes());
        let decided = self.wait(step, || {
            (0..size).for_each(|server| self.sort(server, &mut elections));
            enough(&elections.requests)
        });
        if decided.is_err() && elections.seen.is_empty() {
            fail(Failure::new(
                Class::NoProgress,
                "servers that hear from no leader stand for election: they send RequestVote (section 5.2)"
                    .to_owned(),
                "none has done so for 10 s".to_owned(),
            ));
        }
        decided.map(|()| elections.requests)
    }

    /// Keeps the new requests of a server if it stands, and lets them pass if it only asks.
    fn sort(&self, from: usize, elections: &mut Elections) {
        let held = self.held(&votes().from(from));
        let term = self.term(from);
        for message in held {
            if !elections.seen.insert(message.id) {
                continue;
            }
            let Some(to) = (0..self.cluster.size()).find(|to| server_name(*to) == message.to)
            else {
                continue;
            };
            match elections.known.entry((from, to, term)) {
                Entry::Vacant(entry) => {
                    entry.insert(message.bytes);
                    elections.requests.push(VoteRequest { from, to, term, message: message.id });
                }
                // The same request once more: a candidate may repeat it.
                Entry::Occupied(entry) if *entry.get() == message.bytes => {}
                Entry::Occupied(_) => {
                    self.cluster.network().release(message.id);
                }
            }
        }
    }

    /// Lets a request for a vote arrive.
    pub(in crate::suites) fn release_vote(&self, request: &VoteRequest) {
        self.cluster.network().release(request.message);
    }
}
