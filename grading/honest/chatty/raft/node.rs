//! One server as a state machine: what every server does, and candidates.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rand::Rng;

use super::log::{Log, Position};
use super::messages::{
    AppendEntriesArgs, AppendEntriesReply, Call, InstallSnapshotArgs, InstallSnapshotReply,
    Outcome, RequestVoteArgs, RequestVoteReply,
};
use super::node_leader::Peer;
use crate::apply::{ApplyMsg, Index, Term};

/// How often a candidate asks again those that have not answered.
const ASK_AGAIN: Duration = Duration::from_millis(200);

/// What is to be saved before anything else happens.
pub(super) enum Save {
    Nothing,
    State(Vec<u8>),
    All(Vec<u8>, Vec<u8>),
}

pub(super) enum Role {
    Follower,
    Candidate { votes: usize, silent: BTreeSet<usize>, ask_at: Instant },
    Leader { peers: Vec<Peer>, heartbeat_at: Instant },
}

pub(super) struct Node {
    pub(super) me: usize,
    pub(super) size: usize,
    pub(super) term: Term,
    vote: Option<usize>,
    pub(super) log: Log,
    pub(super) role: Role,
    pub(super) commit: Index,
    applied: Index,
    stand_at: Instant,
    killed: bool,

    pub(super) is_changed: bool,
    new_snapshot: Option<Vec<u8>>,
    applies: Vec<ApplyMsg>,
    pub(super) outbox: Vec<(usize, Call)>,
}

impl Node {
    /// A server that begins with what it has saved.
    pub(super) fn new(me: usize, size: usize, saved: &[u8], now: Instant) -> Self {
        let (term, vote, log): (Term, Option<usize>, Log) = if saved.is_empty() {
            Default::default()
        } else {
            labgob::decode(saved).expect("this server has saved it")
        };
        let base = log.base.index;
        let mut node = Node {
            me,
            size,
            term,
            vote,
            log,
            role: Role::Follower,
            commit: base,
            applied: base,
            stand_at: now,
            killed: false,
            is_changed: false,
            new_snapshot: None,
            applies: Vec::new(),
            outbox: Vec::new(),
        };
        node.wait_for_leader(now);
        node
    }

    pub(super) fn state(&self) -> (Term, bool) {
        (self.term, matches!(self.role, Role::Leader { .. }))
    }

    pub(super) fn base(&self) -> Position {
        self.log.base
    }

    pub(super) fn kill(&mut self) {
        self.killed = true;
        self.role = Role::Follower;
    }

    pub(super) fn is_killed(&self) -> bool {
        self.killed
    }

    /// What is to be saved now.
    pub(super) fn to_save(&mut self) -> Save {
        let is_changed = std::mem::take(&mut self.is_changed);
        let state = || labgob::encode(&(self.term, self.vote, &self.log));
        match self.new_snapshot.take() {
            Some(snapshot) => Save::All(state(), snapshot),
            None if is_changed => Save::State(state()),
            None => Save::Nothing,
        }
    }

    /// What is to be applied now.
    pub(super) fn to_apply(&mut self) -> Vec<ApplyMsg> {
        let count = (self.commit - self.applied) as usize;
        let entries = self.log.after(self.applied).iter().take(count);
        for (index, entry) in (self.applied + 1..).zip(entries) {
            self.applies.push(ApplyMsg::Command { index, command: entry.command.clone() });
        }
        self.applied = self.commit;
        std::mem::take(&mut self.applies)
    }

    /// What is to be called now.
    pub(super) fn calls(&mut self) -> Vec<(usize, Call)> {
        std::mem::take(&mut self.outbox)
    }

    pub(super) fn others(&self) -> impl Iterator<Item = usize> + use<> {
        let me = self.me;
        (0..self.size).filter(move |peer| *peer != me)
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, now: Instant) {
        match &mut self.role {
            _ if self.killed => {}
            Role::Leader { heartbeat_at, .. } if *heartbeat_at > now => {}
            Role::Leader { .. } => self.send_heartbeats(now),
            _ if self.stand_at <= now => self.stand(now),
            Role::Candidate { silent, ask_at, .. } if *ask_at <= now => {
                *ask_at = now + ASK_AGAIN;
                let silent = silent.clone();
                self.ask_for_votes(silent);
            }
            _ => {}
        }
    }

    /// A call has ended.
    pub(super) fn step(&mut self, peer: usize, call: &Call, outcome: Outcome, now: Instant) {
        match (call, outcome) {
            (Call::Vote(args), Outcome::Vote(Some(reply))) => {
                self.see(reply.term, now);
                if self.term == args.term {
                    self.count_vote(peer, reply.granted, now);
                }
            }
            (Call::Append(args), Outcome::Append(reply)) => {
                self.see(reply.as_ref().map_or(0, |reply| reply.term), now);
                self.end_append(peer, args, reply);
            }
            (Call::Snapshot(term, base), Outcome::Snapshot(reply)) => {
                self.see(reply.as_ref().map_or(0, |reply| reply.term), now);
                self.end_snapshot(peer, *term, base.index, reply.is_some());
            }
            _ => {}
        }
    }

    fn stand(&mut self, now: Instant) {
        self.term += 1;
        self.vote = Some(self.me);
        self.is_changed = true;
        self.wait_for_leader(now);
        let silent: BTreeSet<usize> = self.others().collect();
        self.role = Role::Candidate { votes: 1, silent: silent.clone(), ask_at: now + ASK_AGAIN };
        self.ask_for_votes(silent);
        self.lead_with_majority(now);
    }

    fn ask_for_votes(&mut self, peers: BTreeSet<usize>) {
        let (term, candidate, last) = (self.term, self.me, self.log.last());
        let call = || Call::Vote(RequestVoteArgs { term, candidate, last });
        self.outbox.extend(peers.into_iter().map(|peer| (peer, call())));
    }

    fn count_vote(&mut self, peer: usize, granted: bool, now: Instant) {
        if let Role::Candidate { votes, silent, .. } = &mut self.role
            && silent.remove(&peer)
        {
            *votes += usize::from(granted);
            self.lead_with_majority(now);
        }
    }

    fn lead_with_majority(&mut self, now: Instant) {
        if matches!(self.role, Role::Candidate { votes, .. } if votes > self.size / 2) {
            let peer = Peer::new(self.log.last().index + 1);
            self.role = Role::Leader { peers: vec![peer; self.size], heartbeat_at: now };
            self.send_heartbeats(now);
        }
    }

    fn wait_for_leader(&mut self, now: Instant) {
        self.stand_at = now + Duration::from_millis(rand::rng().random_range(450..900));
    }

    /// Becomes a follower if the term is newer.
    fn see(&mut self, term: Term, now: Instant) {
        if term > self.term {
            if matches!(self.role, Role::Leader { .. }) {
                self.wait_for_leader(now);
            }
            (self.term, self.vote, self.role) = (term, None, Role::Follower);
            self.is_changed = true;
        }
    }

    /// Listens to the leader of a term, unless the term is over.
    fn hear(&mut self, term: Term, now: Instant) -> bool {
        self.see(term, now);
        if term == self.term {
            self.role = Role::Follower;
            self.wait_for_leader(now);
        }
        term == self.term
    }

    pub(super) fn request_vote(
        &mut self,
        args: &RequestVoteArgs,
        now: Instant,
    ) -> RequestVoteReply {
        self.see(args.term, now);
        let granted = args.term == self.term
            && self.vote.is_none_or(|candidate| candidate == args.candidate)
            && args.last >= self.log.last();
        if granted {
            self.is_changed = true;
            self.vote = Some(args.candidate);
            self.wait_for_leader(now);
        }
        RequestVoteReply { term: self.term, granted }
    }

    pub(super) fn append_entries(
        &mut self,
        args: AppendEntriesArgs,
        now: Instant,
    ) -> AppendEntriesReply {
        if !self.hear(args.term, now) {
            return AppendEntriesReply { term: self.term, hint: None, success: false };
        }
        let prev = args.prev;
        if prev.index >= self.log.base.index && self.log.at(prev.index) != Some(prev) {
            let below = prev.index - 1;
            let hint = Some(self.log.newest_below(below, prev.term));
            return AppendEntriesReply { term: self.term, hint, success: false };
        }
        let known = prev.index + args.entries.len() as Index;
        self.is_changed |= self.log.put(prev.index, args.entries);
        self.commit = self.commit.max(args.commit.min(known));
        AppendEntriesReply { term: self.term, hint: None, success: true }
    }

    pub(super) fn install_snapshot(
        &mut self,
        args: InstallSnapshotArgs,
        now: Instant,
    ) -> InstallSnapshotReply {
        let Position { term, index } = args.base;
        if self.hear(args.term, now) && index > self.commit {
            self.log.cut(args.base);
            (self.commit, self.applied) = (index, index);
            self.new_snapshot = Some(args.data.clone());
            self.applies.push(ApplyMsg::Snapshot { index, term, data: args.data });
        }
        InstallSnapshotReply { term: self.term }
    }

    pub(super) fn take_snapshot(&mut self, index: Index, snapshot: Vec<u8>) {
        if index > self.log.base.index
            && index <= self.applied
            && let Some(base) = self.log.at(index)
        {
            self.log.cut(base);
            self.new_snapshot = Some(snapshot);
        }
    }
}
