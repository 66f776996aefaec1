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
        let (now, me) = (Instant::now(), self.me);
        if state.has_lease(me, now) {
            return true;
        }
        if let Role::Leader { followers } = &mut state.role {
            followers.iter_mut().for_each(|follower| follower.due = follower.due.min(now));
        }
        self.alarm.notify_one();
        while state.follower(term, me).is_some() && !state.killed {
            if state.confirmed_at(me, now).is_some_and(|at| at >= now) {
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
    fn has_lease(&self, me: usize, now: Instant) -> bool {
        let has_handed_over =
            self.transfer.as_ref().is_some_and(|transfer| transfer.term == self.current_term);
        !has_handed_over && self.confirmed_at(me, now).is_some_and(|at| now < at + LEASE)
    }

    /// The latest time after which a majority has heard from this leader, `me`; it hears itself `now`.
    fn confirmed_at(&self, me: usize, now: Instant) -> Option<Instant> {
        let Role::Leader { followers } = &self.role else {
            return None;
        };
        let heard =
            |server: &usize| if *server == me { Some(now) } else { followers[*server].heard };
        let mut heard: Vec<Option<Instant>> = self.servers.iter().map(heard).collect();
        heard.sort_unstable_by(|left, right| right.cmp(left));
        heard[self.servers.len() / 2]
    }
}
