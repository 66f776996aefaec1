//! Handing the office of the leader over (dissertation, section 3.10).

use std::sync::Arc;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::{ELECTION_TIMEOUT, Raft, State};
use crate::apply::Term;

/// A hand-over of the office.
pub(super) struct Transfer {
    /// The term of the leader that hands over.
    pub(super) term: Term,
    to: usize,
    /// When the leader goes on as before.
    until: Instant,
}

/// Tells a follower to stand for election at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct TimeoutNowArgs {
    term: Term,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct TimeoutNowReply {
    term: Term,
}

impl Transfer {
    pub(super) fn begin(term: Term, to: usize) -> Self {
        Transfer { term, to, until: Instant::now() + ELECTION_TIMEOUT.end }
    }
}

impl State {
    /// Whether this server leads, and is handing its office over.
    pub(super) fn is_handing_over(&self) -> bool {
        self.successor().is_some()
    }

    /// To whom this server is handing its office over now.
    fn successor(&self) -> Option<usize> {
        let transfer = self.transfer.as_ref()?;
        let goes_on = transfer.term == self.current_term && Instant::now() < transfer.until;
        goes_on.then_some(transfer.to)
    }
}

impl Raft {
    /// Tells `peer` to stand if the office is to be handed over to it, and its log is complete.
    pub(super) fn hand_over(self: &Arc<Self>, state: &mut State, peer: usize) {
        let term = state.current_term;
        if state.successor() != Some(peer) {
            return;
        }
        let (_, last_index) = state.log.last();
        if state.follower(term, peer).is_none_or(|follower| follower.match_index < last_index) {
            return;
        }
        let raft = self.clone();
        self.pool.execute(move || {
            let args = TimeoutNowArgs { term };
            let reply: Option<TimeoutNowReply> = raft.peers[peer].call("Raft.TimeoutNow", &args);
            if let Some(reply) = reply {
                raft.observe_term(&mut raft.state.lock(), reply.term);
            }
        });
    }

    /// Has the ticker stand for election, without asking first whether others have a leader: they do.
    pub(super) fn timeout_now(&self, args: TimeoutNowArgs) -> TimeoutNowReply {
        let mut state = self.state.lock();
        self.observe_term(&mut state, args.term);
        if args.term == state.current_term {
            state.must_stand = true;
            // 3C
            state.is_successor = true;
            self.alarm.notify_one();
        }
        TimeoutNowReply { term: state.current_term }
    }
}
