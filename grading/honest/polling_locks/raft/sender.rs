//! The thread that looks what followers lack, and what comes of its messages.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use tracing::{debug, trace};

use super::log::Log;
use super::{
    AppendEntriesArgs, AppendEntriesReply, InstallSnapshotArgs, InstallSnapshotReply, Raft, Role,
    majority,
};
use crate::apply::{Index, Term};

const HEARTBEAT: Duration = Duration::from_millis(110);

/// What the leader knows of a follower.
pub(super) struct Progress {
    next: Index,
    matched: Index,
    /// The commit index that was sent last.
    told: Index,
    /// When it was called last, unless an answer has come since.
    waits_since: Option<Instant>,
    /// When it was called last.
    called: Option<Instant>,
}

impl Progress {
    pub(super) fn new(next: Index) -> Self {
        Progress { next, matched: 0, told: 0, waits_since: None, called: None }
    }

    fn is_due(&self, last: Index, commit: Index) -> bool {
        let waits = self.waits_since.is_some_and(|since| since.elapsed() < HEARTBEAT);
        let has_news = self.next <= last || self.told < commit;
        has_news && !waits || self.called.is_none_or(|called| called.elapsed() >= HEARTBEAT)
    }
}

impl Raft {
    /// Sends to the followers that lack something or have not heard from this leader for a while.
    pub(super) fn look_at_followers(self: &Arc<Self>) {
        let office = self.office.lock().unwrap();
        if office.role != Role::Leader {
            return;
        }
        let log = self.log.lock().unwrap();
        let mut progress = self.progress.lock().unwrap();
        let commit = self.commit.load(Ordering::SeqCst);
        for (peer, progress) in progress.iter_mut().filter(|(peer, _)| **peer != self.me) {
            if progress.is_due(log.last, commit) {
                progress.called = Some(Instant::now());
                progress.waits_since = progress.called;
                progress.told = commit;
                self.send(office.term, &log, *peer, progress.next);
            }
        }
    }

    fn send(self: &Arc<Self>, term: Term, log: &Log, peer: usize, next: Index) {
        let raft = self.clone();
        trace!(server = self.me, peer, next, "sends");
        if next <= log.base {
            let args = InstallSnapshotArgs {
                term,
                index: log.base,
                index_term: log.term(log.base).expect("the base has a term"),
                data: self.persister.snapshot(),
            };
            thread::spawn(move || raft.call_install(peer, &args));
            return;
        }
        let args = AppendEntriesArgs {
            term,
            prev_index: next - 1,
            prev_term: log.term(next - 1).expect("the log begins before"),
            entries: log.entries_from(next),
            commit: self.commit.load(Ordering::SeqCst),
        };
        thread::spawn(move || raft.call_append(peer, &args));
    }

    fn call_append(&self, peer: usize, args: &AppendEntriesArgs) {
        let reply: Option<AppendEntriesReply> = self.peers[peer].call("Raft.AppendEntries", args);
        let Some(reply) = reply else { return };
        trace!(server = self.me, peer, success = reply.success, "has an answer");
        if reply.success {
            let known = args.prev_index + args.entries.len() as Index;
            return self.note(peer, args.term, reply.term, |progress, _| progress.match_to(known));
        }
        self.note(peer, args.term, reply.term, |progress, log| {
            if reply.term == args.term && progress.next == args.prev_index + 1 {
                let last = reply.conflict_term.and_then(|term| log.last_with_term(term));
                let next = last.map_or(reply.conflict_index, |last| last + 1);
                progress.next = next.max(progress.matched + 1);
            }
        });
    }

    fn call_install(&self, peer: usize, args: &InstallSnapshotArgs) {
        let reply: Option<InstallSnapshotReply> =
            self.peers[peer].call("Raft.InstallSnapshot", args);
        if let Some(reply) = reply {
            let index = args.index;
            self.note(peer, args.term, reply.term, |progress, _| progress.match_to(index));
        }
    }

    /// Notes an answer to a call of `term`, and commits what a majority has.
    fn note(
        &self,
        peer: usize,
        term: Term,
        term_there: Term,
        note: impl FnOnce(&mut Progress, &Log),
    ) {
        let mut office = self.office.lock().unwrap();
        self.see(&mut office, term_there);
        if office.term != term || office.role != Role::Leader {
            return;
        }
        let log = self.log.lock().unwrap();
        let mut progress = self.progress.lock().unwrap();
        let follower = progress.get_mut(&peer).expect("there is one of each server");
        follower.waits_since = None;
        note(follower, &log);
        let matched = |(peer, progress): (&usize, &Progress)| {
            if *peer == self.me { log.last } else { progress.matched }
        };
        let index = majority(progress.iter().map(matched).collect());
        if log.term(index) == Some(term) && self.commit.fetch_max(index, Ordering::SeqCst) < index {
            debug!(server = self.me, index, "commits");
        }
    }
}

impl Progress {
    fn match_to(&mut self, index: Index) {
        self.matched = self.matched.max(index);
        self.next = self.next.max(index + 1);
    }
}
