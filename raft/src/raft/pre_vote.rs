//! Pre-vote: a server stands for election only if it would be elected (dissertation, section 9.6).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use tracing::debug;

use super::{ELECTION_TIMEOUT, Raft, Role, State};
use crate::apply::{Index, Term};

/// The servers that would vote for this one.
pub(super) struct Canvass {
    term: Term,
    supporters: BTreeSet<usize>,
}

/// Asks a server whether it would vote for the sender.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct PreVoteArgs {
    /// The term that the sender would stand in.
    term: Term,
    last_log_index: Index,
    last_log_term: Term,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct PreVoteReply {
    /// The term of the server that was asked: a sender that is behind must learn of it to be elected.
    term: Term,
    would_vote: bool,
}

impl Raft {
    /// Asks all others whether they would vote for this server, which changes nothing on any of them.
    pub(super) fn ask_for_support(self: &Arc<Self>, state: &mut State) {
        state.await_leader();
        // 3C
        state.is_successor = false;
        let term = state.current_term + 1;
        debug!(server = self.me, term, "asks whether it would be elected");
        state.canvass = Some(Canvass { term, supporters: BTreeSet::from([self.me]) });
        let (last_log_term, last_log_index) = state.log.last();
        let args = PreVoteArgs { term, last_log_index, last_log_term };
        for peer in self.others(state) {
            let (raft, args) = (self.clone(), args.clone());
            self.pool.execute(move || {
                if let Some(reply) = raft.peers[peer].call("Raft.PreVote", &args) {
                    raft.note_support(peer, args.term, reply);
                }
            });
        }
    }

    fn note_support(self: &Arc<Self>, peer: usize, term: Term, reply: PreVoteReply) {
        let mut state = self.state.lock();
        self.observe_term(&mut state, reply.term);
        let is_next = state.current_term + 1 == term;
        let Some(canvass) = state.canvass.as_mut().filter(|canvass| canvass.term == term) else {
            return;
        };
        if is_next && reply.would_vote {
            canvass.supporters.insert(peer);
            let supporters = canvass.supporters.len();
            if state.is_majority(supporters) && !state.killed {
                state.canvass = None;
                self.campaign(&mut state);
            }
        }
    }

    /// Says whether this server would vote for another one: not while it hears from a leader.
    pub(super) fn pre_vote(&self, args: PreVoteArgs) -> PreVoteReply {
        let state = self.state.lock();
        let would_vote = args.term > state.current_term
            && (args.last_log_term, args.last_log_index) >= state.log.last()
            && !state.has_leader();
        PreVoteReply { term: state.current_term, would_vote }
    }
}

impl State {
    /// Whether this server leads, or has heard from a leader within the shortest election timeout.
    pub(super) fn has_leader(&self) -> bool {
        let now = Instant::now();
        matches!(self.role, Role::Leader { .. })
            || self.leader_heard.is_some_and(|heard| now < heard + ELECTION_TIMEOUT.start)
    }
}
