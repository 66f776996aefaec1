//! Log replication, on the leader's side (sections 5.3, 5.4.2, 7).

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::MutexGuard;

use super::{
    AppendEntriesArgs, AppendEntriesReply, InstallSnapshotArgs, InstallSnapshotReply, Progress,
    Raft, Role, State,
};
use crate::apply::{Index, Term};

/// How often each follower hears from its leader.
const HEARTBEAT: Duration = Duration::from_millis(150);

/// How long a leader may wait for new entries that carry the news of a commit, before it sends the news
/// alone.
const COMMIT_NOTICE: Duration = Duration::from_millis(10);

impl Raft {
    /// Sends to each follower that must hear from its leader by now.
    pub(super) fn send_heartbeats(self: &Arc<Self>, state: &mut State) {
        let now = Instant::now();
        for peer in self.others(state) {
            if let Role::Leader { followers } = &mut state.role
                && followers[peer].due <= now
            {
                self.update(state.current_term, peer, &mut followers[peer]);
            }
        }
    }

    /// Sends to each follower that lacks entries. A follower that is being called gets the rest when
    /// that call returns: this is what makes batches.
    pub(super) fn replicate(self: &Arc<Self>, state: &mut State) {
        let (_, last_index) = state.log.last();
        let others = self.others(state);
        let Role::Leader { followers } = &mut state.role else {
            return;
        };
        for peer in others {
            let follower = &mut followers[peer];
            if follower.calls == 0 && follower.next_index <= last_index {
                self.update(state.current_term, peer, follower);
            }
        }
    }

    /// Brings a follower up to date, on a thread of the pool.
    fn update(self: &Arc<Self>, term: Term, peer: usize, follower: &mut Progress) {
        follower.calls += 1;
        follower.due = Instant::now() + HEARTBEAT;
        let raft = self.clone();
        self.pool.execute(move || {
            // 3C
            let made = Instant::now();
            let is_answered = raft.call_follower(term, peer);
            // 3C
            if is_answered {
                raft.note_answer(&mut raft.state.lock(), term, peer, made);
            }
            raft.end_call(term, peer, is_answered);
        });
    }

    /// Notes that a call has returned. Entries that have come meanwhile are sent now, or with the next heartbeat
    /// if the follower has not answered.
    fn end_call(self: &Arc<Self>, term: Term, peer: usize, is_answered: bool) {
        let mut state = self.state.lock();
        let (_, last_index) = state.log.last();
        let Some(follower) = state.follower(term, peer) else {
            return;
        };
        follower.calls -= 1;
        // 2E
        if is_answered {
            follower.answered = Instant::now();
        }
        if is_answered && follower.calls == 0 && follower.next_index <= last_index {
            self.update(term, peer, follower);
        }
    }

    /// Sends one message to a follower, with the entries that it lacks by now. Returns whether it answers.
    fn call_follower(self: &Arc<Self>, term: Term, peer: usize) -> bool {
        let mut state = self.state.lock();
        let base_index = state.log.base_index;
        let Some(next_index) = state.follower(term, peer).map(|follower| follower.next_index)
        else {
            return false;
        };
        // 2D
        if next_index <= base_index {
            return self.send_snapshot(state, peer);
        }
        let (_, last_index) = state.log.last();
        // 2E
        let last_index = state.last_that_fits(term, peer, next_index, last_index);
        let args = state.append_args(next_index, last_index);
        // 2E
        state.note_sent(term, peer, &args);
        drop(state);
        let reply = self.peers[peer].call("Raft.AppendEntries", &args);
        // 2E
        self.state.lock().note_returned(term, peer, &args);
        reply.map(|reply| self.note_append(peer, &args, reply)).is_some()
    }

    fn note_append(
        self: &Arc<Self>,
        peer: usize,
        args: &AppendEntriesArgs,
        reply: AppendEntriesReply,
    ) {
        let mut state = self.state.lock();
        let state = &mut *state;
        self.observe_term(state, reply.term);
        // 2B
        if reply.success {
            let last_sent = args.prev_log_index + args.entries.len() as Index;
            self.note_match(state, args.term, peer, last_sent);
        } else if let Some(conflict) = reply.conflict {
            let next_index = state.log.back_up(&conflict);
            // A reply to an earlier message must not undo what later ones have found out.
            if let Some(follower) = state.follower(args.term, peer)
                && follower.next_index == args.prev_log_index + 1
            {
                follower.next_index = next_index.max(follower.match_index + 1);
                self.update(args.term, peer, follower);
            }
        }
    }

    /// Notes that a follower's log matches the leader's up to `index`.
    fn note_match(self: &Arc<Self>, state: &mut State, term: Term, peer: usize, index: Index) {
        let Some(follower) = state.follower(term, peer) else {
            return;
        };
        follower.match_index = follower.match_index.max(index);
        follower.next_index = follower.next_index.max(index + 1);
        self.advance_commit(state);
        // 2E
        self.hand_over(state, peer);
        // 2F
        self.proceed(state);
    }

    /// Commits what a majority has, if it is of the current term (section 5.4.2 and Figure 8): an
    /// entry of an earlier term is safe only below a committed entry of this term.
    pub(super) fn advance_commit(&self, state: &mut State) {
        let Role::Leader { followers } = &mut state.role else {
            return;
        };
        let match_index = |server: &usize| followers[*server].match_index;
        let mut matched: Vec<Index> = state.servers.iter().map(match_index).collect();
        matched.sort_unstable_by(|left, right| right.cmp(left));
        let index = matched[matched.len() / 2];
        if index <= state.commit_index || state.log.term_at(index) != Some(state.current_term) {
            return;
        }
        state.commit_index = index;
        self.news.notify_one();
        let notice = Instant::now() + COMMIT_NOTICE;
        for follower in followers {
            follower.due = follower.due.min(notice);
        }
        self.alarm.notify_one();
        // 2F
        self.leave_if_removed(state);
    }

    /// Sends the snapshot to a follower that needs entries which are no longer in the log (section 7).
    /// Returns whether it answers.
    fn send_snapshot(self: &Arc<Self>, state: MutexGuard<'_, State>, peer: usize) -> bool {
        let args = InstallSnapshotArgs {
            term: state.current_term,
            last_included_index: state.log.base_index,
            last_included_term: state.log.base_term,
            data: self.persister.snapshot(),
            // 2F
            members: state.log.members_at(state.log.base_index).clone(),
        };
        drop(state);
        let reply: Option<InstallSnapshotReply> =
            self.peers[peer].call("Raft.InstallSnapshot", &args);
        let Some(reply) = reply else {
            return false;
        };
        let mut state = self.state.lock();
        self.observe_term(&mut state, reply.term);
        self.note_match(&mut state, args.term, peer, args.last_included_index);
        true
    }
}

impl State {
    /// A message for a follower, with the entries from `next_index` to `last_index`.
    fn append_args(&self, next_index: Index, last_index: Index) -> AppendEntriesArgs {
        let prev_log_index = next_index - 1;
        AppendEntriesArgs {
            term: self.current_term,
            prev_log_index,
            prev_log_term: self.log.term_at(prev_log_index).expect("the log reaches to there"),
            entries: self.log.between(next_index, last_index).to_vec(),
            leader_commit: self.commit_index,
            // 2F
            members: self.log.members_between(next_index, last_index),
        }
    }
}
