//! A leader that no majority answers gives up (dissertation, section 6.2): it could commit nothing.

use std::time::Instant;

use tracing::debug;

use super::{ELECTION_TIMEOUT, Raft, Role, State};

impl Raft {
    /// Becomes a follower if less than a majority, this server included, has answered for an election timeout.
    pub(super) fn check_quorum(&self, state: &mut State) {
        let Role::Leader { followers } = &state.role else {
            return;
        };
        let now = Instant::now();
        let answers = |peer: &usize| now < followers[*peer].answered + ELECTION_TIMEOUT.end;
        let hears = |server: &&usize| **server == self.me || answers(server);
        if state.is_majority(state.servers.iter().filter(hears).count()) {
            return;
        }
        debug!(
            server = self.me,
            term = state.current_term,
            "is heard by no majority, and gives up"
        );
        state.role = Role::Follower;
        state.await_leader();
    }
}
