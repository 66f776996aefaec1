//! The threads that bring followers up to date.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::log::Log;
use super::rpc::{
    AppendEntriesArgs, AppendEntriesReply, InstallSnapshotArgs, InstallSnapshotReply, Outcome,
};
use super::{Core, Raft, Role};
use crate::apply::{Index, Term};

/// How long a follower hears nothing if there is nothing to say.
const HEARTBEAT: Duration = Duration::from_millis(300);

/// How many entries a message carries at most.
const BATCH: usize = 20;

/// What a leader knows of a follower.
#[derive(Clone)]
pub(super) struct Link {
    next: Index,
    matched: Index,
    /// The commit index that the follower knows of.
    told: Index,
    /// The number of the last call, and whether its reply is still waited for.
    call: u64,
    waits: bool,
    /// When the next heartbeat is due.
    due: Instant,
}

impl Link {
    pub(super) fn new(next: Index) -> Self {
        let due = Instant::now() + HEARTBEAT;
        Link { next, matched: 0, told: 0, call: 0, waits: false, due }
    }
}

impl Raft {
    /// The thread of one follower.
    pub(super) fn replicate_to(self: Arc<Self>, peer: usize) {
        let mut core = self.core.lock();
        while !core.killed {
            if core.role != Role::Leader {
                self.links[peer].wait(&mut core);
                continue;
            }
            let (last, commit, now) = (core.log.last().0, core.commit, Instant::now());
            let link = &mut core.followers[peer];
            let has_news = link.next <= last || link.told < commit;
            if link.due <= now || has_news && !link.waits {
                link.call += 1;
                link.waits = true;
                link.due = now + HEARTBEAT;
                self.send(&mut core, peer);
            } else {
                let due = link.due;
                self.links[peer].wait_until(&mut core, due);
            }
        }
    }

    /// Begins a call on another thread.
    fn send(self: &Arc<Self>, core: &mut Core, peer: usize) {
        let (term, commit) = (core.term, core.commit);
        let link = &mut core.followers[peer];
        let (call, prev) = (link.call, link.next - 1);
        let raft = self.clone();
        if prev < core.log.base().0 {
            let args = InstallSnapshotArgs {
                term,
                base: core.log.base(),
                data: self.persister.snapshot(),
            };
            self.calls.execute(move || {
                let reply: Option<InstallSnapshotReply> =
                    raft.peers[peer].call("Raft.InstallSnapshot", &args);
                let (index, _) = args.base;
                let term_there = reply.map(|reply| reply.term);
                raft.end_call(term, peer, call, term_there, |link, _| link.note(index));
            });
            return;
        }
        link.told = commit;
        let prev_term = core.log.term(prev).expect("the log begins before");
        let entries = core.log.after(prev, BATCH);
        let args = AppendEntriesArgs { term, prev_index: prev, prev_term, entries, commit };
        self.calls.execute(move || {
            let reply: Option<AppendEntriesReply> =
                raft.peers[peer].call("Raft.AppendEntries", &args);
            let known = prev + args.entries.len() as Index;
            let (term_there, outcome) = reply.map(|it| (it.term, it.outcome)).unzip();
            raft.end_call(term, peer, call, term_there, |link, log| match outcome {
                Some(Outcome::Appended) => link.note(known),
                Some(Outcome::Gap(last)) => link.go_back(prev, last + 1),
                Some(Outcome::Conflict(term, begin)) => {
                    let end = log.end_of_term(term).filter(|end| *end < prev);
                    link.go_back(prev, end.map_or(begin, |end| end + 1));
                }
                Some(Outcome::Old) | None => {}
            });
        });
    }

    /// A call has ended: with a reply from a server of `term_there`, or with none.
    fn end_call(
        &self,
        term: Term,
        peer: usize,
        call: u64,
        term_there: Option<Term>,
        note: impl FnOnce(&mut Link, &Log),
    ) {
        let mut core = self.core.lock();
        self.see(&mut core, term_there.unwrap_or(0));
        if core.term != term || core.role != Role::Leader {
            return;
        }
        let Core { followers, log, .. } = &mut *core;
        let link = &mut followers[peer];
        // After a failed call the follower waits for its next heartbeat.
        if link.call == call && term_there.is_some() {
            link.waits = false;
        }
        if term_there.is_some() {
            note(link, log);
        }
        self.advance(&mut core);
        self.links[peer].notify_one();
    }

    /// Commits what a majority has, and tells the followers.
    pub(super) fn advance(&self, core: &mut Core) {
        let last = core.log.last().0;
        let matched =
            |(peer, link): (usize, &Link)| if peer == self.me { last } else { link.matched };
        let mut indexes: Vec<Index> = core.followers.iter().enumerate().map(matched).collect();
        indexes.sort_unstable_by(|one, other| other.cmp(one));
        let index = indexes[indexes.len() / 2];
        if index > core.commit && core.log.term(index) == Some(core.term) {
            core.commit = index;
            self.committed.notify_one();
            self.wake_links();
        }
    }
}

impl Link {
    /// The follower has the leader's log up to `index`.
    fn note(&mut self, index: Index) {
        self.matched = self.matched.max(index);
        self.next = self.next.max(index + 1);
    }

    /// The follower has no such entry at `prev`. What later calls have found out stays.
    fn go_back(&mut self, prev: Index, next: Index) {
        if self.next == prev + 1 {
            self.next = next.max(self.matched + 1);
        }
    }
}
