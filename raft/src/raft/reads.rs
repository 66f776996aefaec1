//! Reads without an entry in the log (dissertation, section 6.4).

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::MutexGuard;

use super::{Raft, Role, State};
use crate::apply::Term;

/// How long a leader leads for certain after a majority has heard from it. No server votes for another one for the
/// shortest election timeout after that; a fifth less allows for clocks that gain or lose a tenth.
const LEASE: Duration = Duration::from_millis(400);

/// How long a read waits at most until this server is known to lead.
const PATIENCE: Duration = Duration::from_secs(1);

impl Raft {
    /// Waits until this server is known to lead `term` now. A lease answers at once; otherwise a majority must answer calls
    /// that are made from now on.
    pub(super) fn confirm(self: &Arc<Self>, state: &mut MutexGuard<'_, State>, term: Term) -> bool {
        let now = Instant::now();
        if state.has_lease(now) {
            return true;
        }
        let me = self.me;
        if let Role::Leader { followers } = &mut state.role {
            followers.iter_mut().for_each(|follower| follower.due = follower.due.min(now));
        }
        self.alarm.notify_one();
        while state.follower(term, me).is_some() && !state.killed {
            if state.confirmed_at(now).is_some_and(|at| at >= now) {
                return true;
            }
            if self.confirmed.wait_until(state, now + PATIENCE).timed_out() {
                return false;
            }
        }
        false
    }

    /// Notes that a follower has answered a call that was made then.
    pub(super) fn note_answer(&self, state: &mut State, term: Term, peer: usize, made: Instant) {
        if let Some(follower) = state.follower(term, peer) {
            follower.heard = follower.heard.max(Some(made));
            self.confirmed.notify_all();
        }
    }
}

impl State {
    /// Whether no other server can lead now. A leader that has handed its office over in this term knows that no more.
    fn has_lease(&self, now: Instant) -> bool {
        let has_handed_over =
            self.transfer.as_ref().is_some_and(|transfer| transfer.term == self.current_term);
        !has_handed_over && self.confirmed_at(now).is_some_and(|at| now < at + LEASE)
    }

    /// The latest time after which a majority has heard from this leader; it hears itself `now`.
    fn confirmed_at(&self, now: Instant) -> Option<Instant> {
        let Role::Leader { followers } = &self.role else {
            return None;
        };
        let mut heard: Vec<Option<Instant>> =
            followers.iter().map(|follower| follower.heard).collect();
        heard.sort_unstable_by(|left, right| right.cmp(left));
        // The leader's own entry is never set, and comes last.
        if followers.len() == 1 { Some(now) } else { heard[followers.len() / 2 - 1] }
    }
}
