//! What servers say to each other, and what a follower does with what its leader says.

use serde::{Deserialize, Serialize};

use super::log::Entry;
use super::{Core, Raft, Role};
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
    pub(super) outcome: Outcome,
}

/// What a follower has done with entries.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Outcome {
    /// They are in its log.
    Appended,
    /// They come from an old leader.
    Old,
    /// Its log ends before them, after this index.
    Gap(Index),
    /// The entry before them has this term here, which begins at this index.
    Conflict(Term, Index),
}

/// The arguments of the InstallSnapshot RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InstallSnapshotArgs {
    pub(super) term: Term,
    pub(super) base: (Index, Term),
    #[serde(with = "serde_bytes")]
    pub(super) data: Vec<u8>,
}

/// The reply of the InstallSnapshot RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InstallSnapshotReply {
    pub(super) term: Term,
}

impl Raft {
    /// Handles AppendEntries.
    pub fn append_entries(&self, args: AppendEntriesArgs) -> AppendEntriesReply {
        let mut core = self.core.lock();
        let outcome =
            if self.hear(&mut core, args.term) { self.take(&mut core, args) } else { Outcome::Old };
        AppendEntriesReply { term: core.term, outcome }
    }

    /// Handles InstallSnapshot.
    pub fn install_snapshot(&self, args: InstallSnapshotArgs) -> InstallSnapshotReply {
        let mut core = self.core.lock();
        let (index, term) = args.base;
        if self.hear(&mut core, args.term) && index > core.commit {
            core.log.begin_after(index, term);
            core.commit = index;
            self.persister.save_state_and_snapshot(core.encode(), args.data.clone());
            core.snapshot = Some(ApplyMsg::Snapshot { index, term, data: args.data });
            self.committed.notify_one();
        }
        InstallSnapshotReply { term: core.term }
    }

    /// A leader of this term has spoken. `false` if the term is over.
    fn hear(&self, core: &mut Core, term: Term) -> bool {
        self.see(core, term);
        if term == core.term {
            core.role = Role::Follower;
            core.wait_for_leader();
        }
        term == core.term
    }

    fn take(&self, core: &mut Core, args: AppendEntriesArgs) -> Outcome {
        let prev = args.prev_index;
        match core.log.term(prev) {
            _ if prev < core.log.base().0 => {}
            None => return Outcome::Gap(core.log.last().0),
            Some(term) if term != args.prev_term => {
                return Outcome::Conflict(term, core.log.begin_of_term(prev));
            }
            Some(_) => {}
        }
        let known = prev + args.entries.len() as Index;
        if core.log.put(prev, args.entries) {
            self.save(core);
        }
        if args.commit.min(known) > core.commit {
            core.commit = args.commit.min(known);
            self.committed.notify_one();
        }
        Outcome::Appended
    }
}
