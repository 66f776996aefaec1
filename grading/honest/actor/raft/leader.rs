//! What the leader does: it sends new entries at once, without waiting for the replies to earlier ones.

use std::time::{Duration, Instant};

use super::actor::{Actor, Event, Role};
use super::{AppendEntriesArgs, AppendEntriesReply, InstallSnapshotArgs};
use crate::apply::Index;

const HEARTBEAT: Duration = Duration::from_millis(100);

/// What the leader knows about a follower.
#[derive(Clone)]
pub(super) struct Follower {
    /// The next index to send. Everything before it is on its way or has arrived.
    next: Index,
    matched: Index,
    /// The follower has refused entries, or needs a snapshot. Until it takes that, it gets nothing else.
    repairing: bool,
    /// What it was last told of the commit index.
    told: Index,
}

impl Follower {
    pub(super) fn new(next: Index) -> Self {
        Follower { next, matched: 0, repairing: false, told: 0 }
    }
}

impl Actor {
    fn follower(&mut self, peer: usize) -> Option<&mut Follower> {
        match &mut self.role {
            Role::Leader(followers) => Some(&mut followers[peer]),
            _ => None,
        }
    }

    pub(super) fn send_heartbeats(&mut self) {
        self.alarm = Instant::now() + HEARTBEAT;
        for peer in self.others() {
            self.send(peer);
        }
    }

    /// Sends every follower what it has not been sent yet.
    pub(super) fn replicate(&mut self) {
        let last = self.log.last().index;
        for peer in self.others() {
            let is_due = |follower: &mut Follower| !follower.repairing && follower.next <= last;
            if self.follower(peer).is_some_and(is_due) {
                self.send(peer);
            }
        }
    }

    fn send(&mut self, peer: usize) {
        let (term, commit, last) = (self.term, self.commit, self.log.last().index);
        let Some(follower) = self.follower(peer) else { return };
        let next = follower.next;
        follower.told = commit;
        if !follower.repairing {
            follower.next = last + 1;
        }
        if next <= self.log.base().index {
            return self.send_snapshot(peer);
        }
        let prev = next - 1;
        let entries = self.log.from(next).to_vec();
        let count = entries.len();
        let prev_term = self.log.term_at(prev).expect("the log reaches down to its base");
        let args = AppendEntriesArgs { term, prev_index: prev, prev_term, entries, commit };
        let event = move |reply| Event::Appended { peer, term, prev, count, reply };
        self.call(peer, "Raft.AppendEntries", args, event);
    }

    fn send_snapshot(&mut self, peer: usize) {
        let (term, base) = (self.term, self.log.base());
        let (index, index_term) = (base.index, base.term);
        let data = self.newest_snapshot();
        if let Some(follower) = self.follower(peer) {
            (follower.next, follower.repairing) = (index + 1, true);
        }
        let args = InstallSnapshotArgs { term, index, index_term, data };
        let event = move |reply| Event::Installed { peer, term, index, reply };
        self.call(peer, "Raft.InstallSnapshot", args, event);
    }

    pub(super) fn note_append(
        &mut self,
        peer: usize,
        prev: Index,
        count: usize,
        reply: AppendEntriesReply,
    ) {
        if reply.success {
            return self.note_match(peer, prev + count as Index);
        }
        let Some(conflict) = reply.conflict else { return };
        let next = self.log.after(&conflict);
        let Some(follower) = self.follower(peer) else { return };
        // Of several refusals only one that leads further back says something new.
        let next = next.max(follower.matched + 1);
        if prev > follower.matched && next < follower.next {
            (follower.next, follower.repairing) = (next, true);
            self.send(peer);
        }
    }

    pub(super) fn note_match(&mut self, peer: usize, index: Index) {
        let Some(follower) = self.follower(peer) else { return };
        follower.repairing &= index + 1 < follower.next;
        follower.matched = follower.matched.max(index);
        follower.next = follower.next.max(follower.matched + 1);
        self.advance_commit();
        let (commit, last) = (self.commit, self.log.last().index);
        let Some(follower) = self.follower(peer) else { return };
        // With nothing to send that would carry it, the news of a commit goes alone.
        if follower.told < commit && follower.matched == last {
            self.send(peer);
        }
    }

    /// Commits what a majority has, if it is of this term.
    pub(super) fn advance_commit(&mut self) {
        let last = self.log.last().index;
        let Role::Leader(followers) = &self.role else { return };
        let matched = |(peer, follower): (usize, &Follower)| {
            if peer == self.me { last } else { follower.matched }
        };
        let mut indexes: Vec<Index> = followers.iter().enumerate().map(matched).collect();
        indexes.sort_unstable();
        let majority = indexes[(indexes.len() - 1) / 2];
        if majority > self.commit && self.log.term_at(majority) == Some(self.term) {
            self.commit = majority;
        }
    }
}
