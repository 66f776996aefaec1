//! The leader: replication, and the check that it still has a majority.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{
    AppendEntriesArgs, AppendEntriesReply, InstallSnapshotArgs, InstallSnapshotReply, PATIENCE,
    Raft, Role, Server, wake,
};
use crate::apply::{Index, Term};

const HEARTBEAT: Duration = Duration::from_millis(150);

/// What a leader knows of a server.
#[derive(Clone)]
pub(super) struct Follower {
    /// What was sent last follows this index.
    after: Index,
    matched: Index,
    /// When a reply of it last came.
    answered: Instant,
    /// Of the call that is under way, if its reply is still waited for.
    called: Option<Instant>,
    /// When it must hear from the leader.
    due: Instant,
}

impl Follower {
    pub(super) fn new(last: Index) -> Self {
        let now = Instant::now();
        Follower { after: last, matched: 0, answered: now, called: None, due: now }
    }
}

impl Raft {
    pub(super) fn next_heartbeat(&self, server: &Server) -> Option<Instant> {
        match &server.role {
            Role::Leader(followers) => self.others().map(|peer| followers[peer].due).min(),
            _ => None,
        }
    }

    pub(super) fn send_heartbeats(self: &Arc<Self>, server: &mut Server) {
        let now = Instant::now();
        for peer in self.others() {
            if server.follower(server.term, peer).is_some_and(|follower| follower.due <= now) {
                self.send(server, peer);
            }
        }
    }

    /// Steps down if no majority has answered for as long as a follower would wait.
    pub(super) fn check_quorum(&self, server: &mut Server) {
        let Role::Leader(followers) = &server.role else { return };
        let answers = |peer: &usize| followers[*peer].answered.elapsed() < 2 * PATIENCE;
        if !self.is_majority(self.others().filter(answers).count() + 1) {
            self.follow(server);
        }
    }

    /// Sends new entries to all that are not being called.
    pub(super) fn send_new(self: &Arc<Self>, server: &mut Server) {
        let last = server.log.last().index;
        for peer in self.others() {
            let is_free =
                |follower: &mut Follower| follower.called.is_none() && follower.after < last;
            if server.follower(server.term, peer).is_some_and(is_free) {
                self.send(server, peer);
            }
        }
    }

    fn send(self: &Arc<Self>, server: &mut Server, peer: usize) {
        let (term, committed, now) = (server.term, server.committed, Instant::now());
        let Some(follower) = server.follower(term, peer) else { return };
        (follower.called, follower.due) = (Some(now), now + HEARTBEAT);
        let after = follower.after;
        let raft = self.clone();
        match server.log.id(after).filter(|_| after >= server.log.base().index) {
            Some(prev) => {
                let entries = server.log.after(after);
                let args = AppendEntriesArgs { term, prev, entries, committed };
                self.calls.execute(move || raft.call_append(peer, now, &args));
            }
            None => {
                let (base, data) = (server.log.base(), self.persister.snapshot());
                let args = InstallSnapshotArgs { term, base, data };
                self.calls.execute(move || raft.call_install(peer, now, &args));
            }
        }
    }

    fn call_append(self: &Arc<Self>, peer: usize, called: Instant, args: &AppendEntriesArgs) {
        let reply: Option<AppendEntriesReply> = self.peers[peer].call("Raft.AppendEntries", args);
        let Some(reply) = reply else { return };
        let mut server = self.server.lock();
        self.see(&mut server, reply.term);

        let Some(follower) = server.follower(args.term, peer) else { return };
        follower.note_answer(called);
        if reply.fits {
            follower.note_match(reply.index);
        } else if follower.after == args.prev.index {
            follower.after = reply.index.max(follower.matched);
            return self.send(&mut server, peer);
        }
        self.go_on(&mut server);
    }

    fn call_install(self: &Arc<Self>, peer: usize, called: Instant, args: &InstallSnapshotArgs) {
        let reply: Option<InstallSnapshotReply> =
            self.peers[peer].call("Raft.InstallSnapshot", args);
        let Some(reply) = reply else { return };
        let mut server = self.server.lock();
        self.see(&mut server, reply.term);
        let Some(follower) = server.follower(args.term, peer) else { return };
        follower.note_answer(called);
        follower.note_match(args.base.index);
        self.go_on(&mut server);
    }

    /// Commits and sends what an answer has made possible.
    fn go_on(self: &Arc<Self>, server: &mut Server) {
        self.commit(server);
        self.send_new(server);
    }

    /// Commits what a majority has of this term.
    pub(super) fn commit(self: &Arc<Self>, server: &mut Server) {
        let last = server.log.last().index;
        let Role::Leader(followers) = &mut server.role else { return };
        let mut matched: Vec<Index> = self.others().map(|peer| followers[peer].matched).collect();
        matched.push(last);
        matched.sort_unstable();
        let index = matched[(matched.len() - 1) / 2];
        let is_own = server.log.id(index).is_some_and(|id| id.term == server.term);
        if index > server.committed && is_own {
            server.committed = index;
            // The followers hear of it soon, if no new command comes first.
            let soon = Instant::now() + Duration::from_millis(5);
            followers.iter_mut().for_each(|follower| follower.due = follower.due.min(soon));
            wake(&self.applier);
            wake(&self.timer);
        }
    }
}

impl Server {
    /// A follower, as long as this server leads this term.
    fn follower(&mut self, term: Term, peer: usize) -> Option<&mut Follower> {
        match &mut self.role {
            Role::Leader(followers) if term == self.term => Some(&mut followers[peer]),
            _ => None,
        }
    }
}

impl Follower {
    fn note_answer(&mut self, called: Instant) {
        self.answered = Instant::now();
        if self.called == Some(called) {
            self.called = None;
        }
    }

    fn note_match(&mut self, index: Index) {
        self.matched = self.matched.max(index);
        self.after = self.after.max(index);
    }
}
