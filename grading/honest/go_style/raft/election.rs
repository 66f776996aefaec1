//! The ticker, and elections.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rand::Rng;

use super::{Raft, RequestVoteArgs, RequestVoteReply, Role, State};

const HEARTBEAT: Duration = Duration::from_millis(120);

impl Raft {
    /// Looks every 10 to 50 ms whether there is something to do.
    pub(super) fn ticker(self: Arc<Self>) {
        loop {
            let mut state = self.lock();
            if state.dead {
                return;
            }
            if state.role == Role::Leader {
                if state.last_heartbeat.elapsed() >= HEARTBEAT {
                    self.broadcast(&mut state);
                }
            } else if state.last_heard.elapsed() >= state.timeout {
                self.start_election(&mut state);
            }
            drop(state);
            thread::sleep(Duration::from_millis(rand::rng().random_range(10..50)));
        }
    }

    fn start_election(self: &Arc<Self>, state: &mut State) {
        state.role = Role::Candidate;
        state.persistent.current_term += 1;
        state.persistent.voted_for = Some(self.me);
        state.reset_timer();
        self.persist(state);
        let args = RequestVoteArgs {
            term: state.persistent.current_term,
            candidate_id: self.me,
            last_log_index: state.last_index(),
            last_log_term: state.last_term(),
        };
        // The threads of an election share its count of votes.
        let votes = Arc::new(AtomicUsize::new(1));
        for peer in 0..self.peers.len() {
            if peer != self.me {
                let (raft, args, votes) = (self.clone(), args.clone(), votes.clone());
                thread::spawn(move || {
                    if let Some(reply) = raft.peers[peer].call("Raft.RequestVote", &args) {
                        raft.handle_vote(&args, reply, &votes);
                    }
                });
            }
        }
    }

    fn handle_vote(
        self: &Arc<Self>,
        args: &RequestVoteArgs,
        reply: RequestVoteReply,
        votes: &AtomicUsize,
    ) {
        let mut state = self.lock();
        if reply.term > state.persistent.current_term {
            self.step_down(&mut state, reply.term);
            return;
        }
        let is_stale = state.persistent.current_term != args.term || state.role != Role::Candidate;
        if is_stale || !reply.vote_granted || state.dead {
            return;
        }
        let count = votes.fetch_add(1, Ordering::SeqCst) + 1;
        if count > self.peers.len() / 2 {
            state.role = Role::Leader;
            let last = state.last_index();
            state.next_index = vec![last + 1; self.peers.len()];
            state.match_index = vec![0; self.peers.len()];
            state.match_index[self.me] = last;
            self.broadcast(&mut state);
        }
    }

    /// Handles RequestVote.
    pub fn request_vote(&self, args: RequestVoteArgs) -> RequestVoteReply {
        let mut state = self.lock();
        if args.term > state.persistent.current_term {
            self.step_down(&mut state, args.term);
        }
        let term = state.persistent.current_term;
        let no = RequestVoteReply { term, vote_granted: false };
        if args.term < term {
            return no;
        }
        if state.persistent.voted_for.is_some_and(|candidate| candidate != args.candidate_id) {
            return no;
        }
        let is_behind = args.last_log_term < state.last_term()
            || args.last_log_term == state.last_term() && args.last_log_index < state.last_index();
        if is_behind {
            return no;
        }
        state.persistent.voted_for = Some(args.candidate_id);
        state.reset_timer();
        self.persist(&state);
        RequestVoteReply { term, vote_granted: true }
    }
}
