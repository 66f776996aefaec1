//! Changes of the members of a cluster, one server at a time (section 6; dissertation, chapter 4).
//!
//! An entry without a command changes the members; they count as soon as it is in a server's log. Two majorities of
//! clusters that differ in one server have a server in common.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing::debug;

use super::log::Entry;
use super::{ELECTION_TIMEOUT, Raft, Role, State};
use crate::apply::{Index, Term};

/// The members of a cluster, in order.
pub(super) type Servers = Vec<usize>;

/// How long a new server may take to catch up.
const PATIENCE: Duration = Duration::from_secs(5);

/// A change that a leader prepares.
pub(super) struct Change {
    /// The term of that leader.
    term: Term,
    server: usize,
    kind: Kind,
    /// When the leader gives up.
    until: Instant,
}

enum Kind {
    Add(Round),
    Remove,
}

/// While a new server gets what the leader has, more may come. So it catches up in rounds, until one is short.
struct Round {
    begun: Instant,
    /// What the leader had then.
    end: Index,
}

impl Raft {
    /// Begins to add or to remove a server. Says whether this server does so.
    pub(super) fn change_members(self: &Arc<Self>, server: usize, adds: bool) -> bool {
        let mut state = self.state.lock();
        let (now, (_, end)) = (Instant::now(), state.log.last());
        let is_busy = state.change.as_ref().is_some_and(|change| change.term == state.current_term)
            || state.has_changed_members_in_its_term() && !state.members_are_committed();
        let is_member = state.servers.contains(&server);
        let is_last = !adds && state.servers.len() == 1;
        let leads = matches!(state.role, Role::Leader { .. });
        if !leads || is_busy || is_member == adds || is_last || server >= self.peers.len() {
            return false;
        }
        let kind = if adds { Kind::Add(Round { begun: now, end }) } else { Kind::Remove };
        state.change =
            Some(Change { term: state.current_term, server, kind, until: now + PATIENCE });
        self.alarm.notify_one();
        self.proceed(&mut state);
        true
    }

    /// Takes the next step of a change, if it is time for it.
    pub(super) fn proceed(self: &Arc<Self>, state: &mut State) {
        let Some(change) = &state.change else {
            return;
        };
        let leads = matches!(state.role, Role::Leader { .. });
        if !leads || change.term != state.current_term || Instant::now() >= change.until {
            state.change = None;
            return;
        }
        // Until something of its own term is committed, a leader may not know of an earlier change that is.
        if !state.has_committed_in_its_term() {
            if state.log.last().0 < state.current_term {
                self.append_members(state, state.servers.clone());
            }
            return;
        }
        if !state.members_are_committed() || !state.newcomer_has_caught_up() {
            return;
        }
        if let Some(Change { server, kind, .. }) = state.change.take() {
            let mut members = state.servers.clone();
            match kind {
                Kind::Add(_) => {
                    members.push(server);
                    // It has caught up, and so it has answered just now.
                    if let Some(follower) = state.follower(state.current_term, server) {
                        follower.answered = Instant::now();
                    }
                }
                Kind::Remove => members.retain(|member| *member != server),
            }
            members.sort_unstable();
            debug!(server = self.me, term = state.current_term, ?members, "changes the members");
            self.append_members(state, members);
        }
    }

    fn append_members(self: &Arc<Self>, state: &mut State, members: Servers) {
        let term = state.current_term;
        let index = state.log.append(Entry { term, command: Vec::new() });
        state.log.members.insert(index, members);
        state.adopt_members();
        if let Some(own) = state.follower(term, self.me) {
            own.match_index = index;
        }
        self.persist(state);
        self.replicate(state);
        self.advance_commit(state);
    }

    /// A leader that is no member any more gives up when that is committed.
    pub(super) fn leave_if_removed(&self, state: &mut State) {
        if !state.servers.contains(&self.me) && state.members_are_committed() {
            debug!(server = self.me, term = state.current_term, "has been removed, and gives up");
            state.role = Role::Follower;
            state.await_leader();
        }
    }
}

impl State {
    /// The server that is to join: it gets entries, and does not count.
    pub(super) fn newcomer(&self) -> Option<usize> {
        let change = self.change.as_ref().filter(|change| change.term == self.current_term)?;
        matches!((&self.role, &change.kind), (Role::Leader { .. }, Kind::Add(_)))
            .then_some(change.server)
    }

    /// Whether no change of the members is in the log that is not committed.
    fn members_are_committed(&self) -> bool {
        self.log.members.last_key_value().is_none_or(|(index, _)| *index <= self.commit_index)
    }

    fn has_changed_members_in_its_term(&self) -> bool {
        let last = self.log.members.last_key_value();
        last.is_some_and(|(index, _)| self.log.term_at(*index) == Some(self.current_term))
    }

    fn has_committed_in_its_term(&self) -> bool {
        self.log.term_at(self.commit_index) == Some(self.current_term)
    }

    /// Whether a server that is to join has got, within an election timeout, all that there was at the beginning of a
    /// round. If not, the next round may begin. `true` if no server is to join.
    fn newcomer_has_caught_up(&mut self) -> bool {
        let (now, (_, last_index)) = (Instant::now(), self.log.last());
        let (Some(newcomer), Role::Leader { followers }) = (self.newcomer(), &self.role) else {
            return true;
        };
        let match_index = followers[newcomer].match_index;
        let Some(Change { kind: Kind::Add(round), .. }) = &mut self.change else {
            return true;
        };
        if match_index < round.end {
            return false;
        }
        let is_short = now < round.begun + ELECTION_TIMEOUT.start;
        *round = Round { begun: now, end: last_index };
        is_short
    }

    /// Takes over the changes of members among entries that are in the log now.
    pub(super) fn take_members(&mut self, members: BTreeMap<Index, Servers>) {
        let base_index = self.log.base_index;
        self.log.members.extend(members.into_iter().filter(|(index, _)| *index > base_index));
        self.adopt_members();
    }

    /// Takes over the members as of the last entry of a snapshot.
    pub(super) fn install_members(&mut self, index: Index, members: Servers) {
        self.log.begin_members_at(index, members);
        self.adopt_members();
    }

    /// The newest members in the log count, committed or not.
    pub(super) fn adopt_members(&mut self) {
        self.servers = self.log.members_at(Index::MAX).clone();
    }
}
