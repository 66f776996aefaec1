//! Leader election (sections 5.2, 5.4.1).

use std::mem;
use std::sync::Arc;
use std::time::Instant;

use tracing::debug;

use super::{Progress, Raft, RequestVoteArgs, RequestVoteReply, Role, State};
use crate::apply::Term;

impl Raft {
    /// The ticker: acts when a deadline passes, and sleeps until the next one.
    pub(super) fn tick(self: Arc<Self>) {
        let mut state = self.state.lock();
        while !state.killed {
            // 2E
            self.check_quorum(&mut state);
            // 2F
            self.proceed(&mut state);
            // 2E
            if mem::take(&mut state.must_stand) {
                self.campaign(&mut state);
            }
            if matches!(state.role, Role::Leader { .. }) {
                self.send_heartbeats(&mut state);
            } else if Instant::now() >= state.election_deadline {
                // 2F
                if !state.servers.contains(&self.me) {
                    // It votes for others, and hears from a leader when it is to join.
                    state.await_leader();
                    continue;
                }
                // 2E
                if state.servers.len() > 1 {
                    self.ask_for_support(&mut state);
                    continue;
                }
                self.campaign(&mut state);
            }
            match self.next_deadline(&state) {
                Some(deadline) => {
                    self.alarm.wait_until(&mut state, deadline);
                }
                None => self.alarm.wait(&mut state),
            }
        }
    }

    /// When the ticker must act next. `None` for a leader without followers.
    fn next_deadline(&self, state: &State) -> Option<Instant> {
        match &state.role {
            Role::Leader { followers } => {
                self.others(state).into_iter().map(|peer| followers[peer].due).min()
            }
            _ => Some(state.election_deadline),
        }
    }

    /// Stands for election (Figure 2, Rules for Candidates).
    pub(super) fn campaign(self: &Arc<Self>, state: &mut State) {
        state.current_term += 1;
        state.voted_for = Some(self.me);
        state.role = Role::Candidate { votes: 1 };
        state.await_leader();
        self.persist(state);
        debug!(server = self.me, term = state.current_term, "stands for election");
        self.lead_if_elected(state);

        let (last_log_term, last_log_index) = state.log.last();
        let args = RequestVoteArgs {
            term: state.current_term,
            candidate_id: self.me,
            last_log_index,
            last_log_term,
            // 3C
            is_successor: state.is_successor,
        };
        for peer in self.others(state) {
            let (raft, args) = (self.clone(), args.clone());
            self.pool.execute(move || {
                if let Some(reply) = raft.peers[peer].call("Raft.RequestVote", &args) {
                    raft.count_vote(args.term, reply);
                }
            });
        }
    }

    fn count_vote(&self, term: Term, reply: RequestVoteReply) {
        let mut state = self.state.lock();
        self.observe_term(&mut state, reply.term);
        // A vote counts in the election that it was asked for, and in no later one.
        if state.current_term != term || !reply.vote_granted {
            return;
        }
        if let Role::Candidate { votes } = &mut state.role {
            *votes += 1;
            self.lead_if_elected(&mut state);
        }
    }

    fn lead_if_elected(&self, state: &mut State) {
        let Role::Candidate { votes } = state.role else {
            return;
        };
        if !state.is_majority(votes) {
            return;
        }
        debug!(server = self.me, term = state.current_term, "leads");
        let (_, last_index) = state.log.last();
        let now = Instant::now();
        let progress = |peer| Progress {
            next_index: last_index + 1,
            match_index: if peer == self.me { last_index } else { 0 },
            calls: 0,
            due: now,
            // 2E
            answered: now,
            // 2E
            under_way: 0,
            // 3C
            heard: None,
        };
        state.role = Role::Leader { followers: (0..self.peers.len()).map(progress).collect() };
        self.alarm.notify_one();
    }
}
