//! What servers say to each other, and how they answer.

use std::sync::atomic::Ordering;

use serde::{Deserialize, Serialize};
use tracing::{debug, trace};

use super::log::Entry;
use super::{Office, Raft, Role, encode};
use crate::apply::{ApplyMsg, Index, Term};

/// The arguments of the RequestVote RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestVoteArgs {
    pub(super) term: Term,
    pub(super) candidate: usize,
    pub(super) last_index: Index,
    pub(super) last_term: Term,
}

/// The reply of the RequestVote RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestVoteReply {
    pub(super) term: Term,
    pub(super) granted: bool,
}

/// The arguments of the AppendEntries RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppendEntriesArgs {
    pub(super) term: Term,
    pub(super) prev_index: Index,
    pub(super) prev_term: Term,
    pub(super) entries: Vec<Entry>,
    pub(super) commit: Index,
}

/// The reply of the AppendEntries RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppendEntriesReply {
    pub(super) term: Term,
    pub(super) success: bool,
    /// If not: the term that is at the previous index, and its first index, or where the log ends.
    pub(super) conflict_term: Option<Term>,
    pub(super) conflict_index: Index,
}

/// The arguments of the InstallSnapshot RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InstallSnapshotArgs {
    pub(super) term: Term,
    pub(super) index: Index,
    pub(super) index_term: Term,
    #[serde(with = "serde_bytes")]
    pub(super) data: Vec<u8>,
}

/// The reply of the InstallSnapshot RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InstallSnapshotReply {
    pub(super) term: Term,
}

impl Raft {
    /// Handles RequestVote.
    pub fn request_vote(&self, args: RequestVoteArgs) -> RequestVoteReply {
        let mut office = self.office.lock().unwrap();
        self.see(&mut office, args.term);
        let log = self.log.lock().unwrap();
        let is_behind = (args.last_term, args.last_index) < (log.last_term(), log.last);
        let is_taken = office.vote.is_some_and(|candidate| candidate != args.candidate);
        let granted = args.term == office.term && !is_behind && !is_taken;
        if granted {
            office.vote = Some(args.candidate);
            self.save(&office, &log);
            self.restart_timer();
        }
        debug!(server = self.me, candidate = args.candidate, term = args.term, granted, "is asked");
        RequestVoteReply { term: office.term, granted }
    }

    /// Handles AppendEntries.
    pub fn append_entries(&self, args: AppendEntriesArgs) -> AppendEntriesReply {
        let mut office = self.office.lock().unwrap();
        let reply = |term, success, conflict_term, conflict_index| AppendEntriesReply {
            term,
            success,
            conflict_term,
            conflict_index,
        };
        if !self.hear(&mut office, args.term) {
            return reply(office.term, false, None, 0);
        }
        let mut log = self.log.lock().unwrap();
        let prev = args.prev_index;
        match log.term(prev) {
            Some(term) if term != args.prev_term => {
                return reply(office.term, false, Some(term), log.first_with_term_of(prev));
            }
            None if prev > log.base => return reply(office.term, false, None, log.last + 1),
            _ => {}
        }
        let known = prev + args.entries.len() as Index;
        let mut changed = false;
        for (index, entry) in (prev + 1..).zip(args.entries) {
            changed |= log.put(index, entry);
        }
        if changed {
            self.save(&office, &log);
        }
        trace!(server = self.me, prev, known, changed, "hears from its leader");
        self.commit.fetch_max(args.commit.min(known), Ordering::SeqCst);
        reply(office.term, true, None, 0)
    }

    /// Handles InstallSnapshot.
    pub fn install_snapshot(&self, args: InstallSnapshotArgs) -> InstallSnapshotReply {
        let mut office = self.office.lock().unwrap();
        let (index, term) = (args.index, args.index_term);
        if self.hear(&mut office, args.term) && index > self.commit.load(Ordering::SeqCst) {
            let mut log = self.log.lock().unwrap();
            log.cut(index, term);
            self.persister.save_state_and_snapshot(encode(&office, &log), args.data.clone());
            let message = ApplyMsg::Snapshot { index, term, data: args.data };
            *self.snapshot.lock().unwrap() = Some(message);
            self.commit.store(index, Ordering::SeqCst);
            debug!(server = self.me, index, "takes over a snapshot");
        }
        InstallSnapshotReply { term: office.term }
    }

    /// A leader of a term has spoken. `false` if the term is over.
    fn hear(&self, office: &mut Office, term: Term) -> bool {
        self.see(office, term);
        if term == office.term {
            office.role = Role::Follower;
            self.restart_timer();
        }
        term == office.term
    }
}
