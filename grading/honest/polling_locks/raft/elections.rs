//! Elections.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::thread;

use tracing::debug;

use super::sender::Progress;
use super::{Office, Raft, RequestVoteArgs, RequestVoteReply, Role};

impl Raft {
    /// Stands for election if the timer has run out.
    pub(super) fn look_at_timer(self: &Arc<Self>) {
        let mut office = self.office.lock().unwrap();
        let (since, timeout) = *self.timer.lock().unwrap();
        if office.role != Role::Leader && since.elapsed() >= timeout {
            self.stand(&mut office);
        }
    }

    fn stand(self: &Arc<Self>, office: &mut Office) {
        let term = office.term + 1;
        *office = Office { term, vote: Some(self.me), role: Role::Candidate };
        let log = self.log.lock().unwrap();
        self.save(office, &log);
        let (last_index, last_term) = (log.last, log.last_term());
        drop(log);
        self.restart_timer();
        debug!(server = self.me, term, "stands for election");
        let args = RequestVoteArgs { term, candidate: self.me, last_index, last_term };
        let votes = Arc::new(Mutex::new(HashSet::from([self.me])));
        for peer in (0..self.peers.len()).filter(|peer| *peer != self.me) {
            let (raft, args, votes) = (self.clone(), args.clone(), votes.clone());
            thread::spawn(move || {
                if let Some(reply) = raft.peers[peer].call("Raft.RequestVote", &args) {
                    raft.note_vote(peer, &args, &reply, &mut votes.lock().unwrap());
                }
            });
        }
    }

    fn note_vote(
        &self,
        peer: usize,
        args: &RequestVoteArgs,
        reply: &RequestVoteReply,
        votes: &mut HashSet<usize>,
    ) {
        let mut office = self.office.lock().unwrap();
        debug!(server = self.me, peer, term = reply.term, granted = reply.granted, "has an answer");
        self.see(&mut office, reply.term);
        if !reply.granted || office.term != args.term || office.role != Role::Candidate {
            return;
        }
        votes.insert(peer);
        if votes.len() > self.peers.len() / 2 {
            office.role = Role::Leader;
            let next = self.log.lock().unwrap().last + 1;
            let progress = |peer| (peer, Progress::new(next));
            *self.progress.lock().unwrap() = (0..self.peers.len()).map(progress).collect();
            debug!(server = self.me, term = office.term, "leads");
        }
    }
}
