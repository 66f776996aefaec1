//! Elections.

use std::sync::Arc;
use std::time::Instant;

use super::replicator::Link;
use super::rpc::{RequestVoteArgs, RequestVoteReply};
use super::{Core, Raft, Role};
use crate::apply::Term;

impl Raft {
    /// Stands for election whenever the timer has run out.
    pub(super) fn hold_elections(self: Arc<Self>) {
        let mut core = self.core.lock();
        while !core.killed {
            if core.role != Role::Leader && Instant::now() >= core.election {
                self.stand(&mut core);
            }
            // A leader looks now and then whether it still leads.
            if core.role == Role::Leader {
                core.wait_for_leader();
            }
            let until = core.election;
            self.ended.wait_until(&mut core, until);
        }
    }

    fn stand(self: &Arc<Self>, core: &mut Core) {
        core.term += 1;
        core.vote = Some(self.me);
        core.role = Role::Candidate(1);
        core.wait_for_leader();
        self.save(core);
        let (last_index, last_term) = core.log.last();
        let args = RequestVoteArgs { term: core.term, candidate: self.me, last_index, last_term };
        for peer in (0..self.peers.len()).filter(|peer| *peer != self.me) {
            let (raft, args) = (self.clone(), args.clone());
            self.calls.execute(move || {
                if let Some(reply) = raft.peers[peer].call("Raft.RequestVote", &args) {
                    raft.take_vote(args.term, &reply);
                }
            });
        }
        self.lead_with_majority(core);
    }

    fn take_vote(&self, term: Term, reply: &RequestVoteReply) {
        let mut core = self.core.lock();
        self.see(&mut core, reply.term);
        if let Role::Candidate(votes) = core.role
            && core.term == term
            && reply.granted
        {
            core.role = Role::Candidate(votes + 1);
            self.lead_with_majority(&mut core);
        }
    }

    fn lead_with_majority(&self, core: &mut Core) {
        if matches!(core.role, Role::Candidate(votes) if votes > self.peers.len() / 2) {
            core.role = Role::Leader;
            let link = Link::new(core.log.last().0 + 1);
            core.followers = vec![link; self.peers.len()];
            self.wake_links();
        }
    }

    /// Handles RequestVote.
    pub fn request_vote(&self, args: RequestVoteArgs) -> RequestVoteReply {
        let mut core = self.core.lock();
        self.see(&mut core, args.term);
        let (last_index, last_term) = core.log.last();
        let granted = args.term == core.term
            && core.vote.is_none_or(|candidate| candidate == args.candidate)
            && (args.last_term, args.last_index) >= (last_term, last_index);
        if granted {
            core.vote = Some(args.candidate);
            core.wait_for_leader();
            self.save(&core);
        }
        RequestVoteReply { term: core.term, granted }
    }
}
