//! The timer, pre-votes and votes.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use super::leader::Follower;
use super::{PATIENCE, Raft, RequestVoteArgs, RequestVoteReply, Role, Server};

impl Raft {
    /// Parked until the next deadline.
    pub(super) fn keep_time(self: Arc<Self>) {
        loop {
            let mut server = self.server.lock();
            if server.killed {
                return;
            }
            let now = Instant::now();
            if let Role::Leader(_) = server.role {
                self.send_heartbeats(&mut server);
                self.check_quorum(&mut server);
            } else if server.deadline <= now {
                self.ask_for_pre_votes(&mut server);
            }
            let until = self.next_heartbeat(&server).unwrap_or(server.deadline);
            drop(server);
            thread::park_timeout(until.saturating_duration_since(Instant::now()));
        }
    }

    fn ask_for_pre_votes(self: &Arc<Self>, server: &mut Server) {
        server.postpone();
        server.role = Role::PreCandidate(BTreeSet::from([self.me]));
        self.ask(server, true);
        self.count(server);
    }

    fn stand(self: &Arc<Self>, server: &mut Server) {
        server.term += 1;
        server.vote = Some(self.me);
        server.heard = None;
        server.role = Role::Candidate(BTreeSet::from([self.me]));
        server.postpone();
        self.save(server);
        self.ask(server, false);
        self.count(server);
    }

    fn ask(self: &Arc<Self>, server: &Server, is_pre_vote: bool) {
        let term = server.term + u64::from(is_pre_vote);
        let args =
            RequestVoteArgs { term, candidate: self.me, last: server.log.last(), is_pre_vote };
        for peer in self.others() {
            let (raft, args) = (self.clone(), args.clone());
            self.calls.execute(move || {
                if let Some(reply) = raft.peers[peer].call("Raft.RequestVote", &args) {
                    raft.note_vote(peer, &args, &reply);
                }
            });
        }
    }

    fn note_vote(self: &Arc<Self>, peer: usize, args: &RequestVoteArgs, reply: &RequestVoteReply) {
        let mut server = self.server.lock();
        self.see(&mut server, reply.term);
        let term = server.term;
        let votes = match &mut server.role {
            Role::PreCandidate(votes) if args.is_pre_vote && args.term == term + 1 => votes,
            Role::Candidate(votes) if !args.is_pre_vote && args.term == term => votes,
            _ => return,
        };
        if reply.granted {
            votes.insert(peer);
            self.count(&mut server);
        }
    }

    fn count(self: &Arc<Self>, server: &mut Server) {
        match &server.role {
            Role::PreCandidate(votes) if self.is_majority(votes.len()) => self.stand(server),
            Role::Candidate(votes) if self.is_majority(votes.len()) => {
                let follower = Follower::new(server.log.last().index);
                server.role = Role::Leader(vec![follower; self.peers.len()]);
                self.send_heartbeats(server);
                super::wake(&self.timer);
            }
            _ => {}
        }
    }

    /// Handles RequestVote.
    pub fn request_vote(&self, args: RequestVoteArgs) -> RequestVoteReply {
        let mut server = self.server.lock();
        // Whoever hears a leader needs no other one.
        let has_leader = matches!(server.role, Role::Leader(_))
            || server.heard.is_some_and(|heard| heard.elapsed() < PATIENCE);
        if has_leader {
            return RequestVoteReply { term: server.term, granted: false };
        }
        let own = server.log.last();
        let is_good = (args.last.term, args.last.index) >= (own.term, own.index);
        if args.is_pre_vote {
            let granted = args.term > server.term && is_good;
            return RequestVoteReply { term: server.term, granted };
        }
        self.see(&mut server, args.term);
        let is_free = server.vote.is_none_or(|candidate| candidate == args.candidate);
        let granted = args.term == server.term && is_free && is_good;
        if granted {
            server.vote = Some(args.candidate);
            server.postpone();
            self.save(&server);
        }
        RequestVoteReply { term: server.term, granted }
    }
}
