//! The actor: what it knows, and what every server does.

use std::iter;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use labrpc::ClientEnd;
use rand::Rng;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::leader::Follower;
use super::log::Log;
use super::{
    AppendEntriesArgs, AppendEntriesReply, InstallSnapshotArgs, InstallSnapshotReply,
    RequestVoteArgs, RequestVoteReply,
};
use crate::apply::{ApplyMsg, Index, Started, Term};
use crate::persister::Persister;

/// Something that the actor deals with.
pub(super) enum Event {
    GetState(Sender<(Term, bool)>),
    Start(Vec<u8>, Sender<Option<Started>>),
    Snapshot(Index, Vec<u8>),
    Kill,
    RequestVote(RequestVoteArgs, Sender<RequestVoteReply>),
    AppendEntries(AppendEntriesArgs, Sender<AppendEntriesReply>),
    InstallSnapshot(InstallSnapshotArgs, Sender<InstallSnapshotReply>),
    /// The replies to this server's own calls, with what they answer.
    Voted(Term, RequestVoteReply),
    Appended {
        peer: usize,
        term: Term,
        prev: Index,
        count: usize,
        reply: AppendEntriesReply,
    },
    Installed {
        peer: usize,
        term: Term,
        index: Index,
        reply: InstallSnapshotReply,
    },
}

pub(super) enum Role {
    Follower,
    Candidate {
        votes: usize,
    },
    /// By server; its own element is not used.
    Leader(Vec<Follower>),
}

pub(super) struct Actor {
    pub(super) me: usize,
    pub(super) peers: Arc<[ClientEnd]>,
    persister: Arc<Persister>,
    mailbox: Sender<Event>,
    service: Sender<ApplyMsg>,

    pub(super) term: Term,
    voted_for: Option<usize>,
    pub(super) log: Log,
    pub(super) role: Role,
    pub(super) commit: Index,
    /// The last index that the service has been sent.
    applied: Index,
    /// When to stand for election or, as the leader, to send heartbeats.
    pub(super) alarm: Instant,

    /// What has changed and is not saved yet.
    changed: bool,
    new_snapshot: Option<Vec<u8>>,
    /// What waits until everything is saved.
    outbox: Vec<Box<dyn FnOnce() + Send>>,
}

impl Actor {
    pub(super) fn new(
        peers: Vec<ClientEnd>,
        me: usize,
        persister: Arc<Persister>,
        mailbox: Sender<Event>,
        service: Sender<ApplyMsg>,
    ) -> Self {
        let saved = persister.state();
        let (term, voted_for, log) = if saved.is_empty() {
            (0, None, Log::new())
        } else {
            labgob::decode(&saved).expect("this server has saved it")
        };
        let base = log.base().index;
        let mut actor = Actor {
            me,
            peers: peers.into(),
            persister,
            mailbox,
            service,
            term,
            voted_for,
            log,
            role: Role::Follower,
            commit: base,
            applied: base,
            alarm: Instant::now(),
            changed: false,
            new_snapshot: None,
            outbox: Vec::new(),
        };
        actor.await_leader();
        actor
    }

    /// Deals with events and the passing of time until it is killed.
    pub(super) fn run(mut self, events: &Receiver<Event>) {
        loop {
            let wait = self.alarm.saturating_duration_since(Instant::now());
            match events.recv_timeout(wait) {
                Ok(first) => {
                    for event in iter::once(first).chain(events.try_iter()) {
                        if matches!(event, Event::Kill) {
                            return;
                        }
                        self.handle(event);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if Instant::now() >= self.alarm {
                if self.leads() { self.send_heartbeats() } else { self.campaign() }
            }
            self.replicate();
            self.flush();
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::GetState(reply) => self.answer(reply, (self.term, self.leads())),
            Event::Start(command, reply) => {
                let started = self.leads().then(|| {
                    self.changed = true;
                    Started { index: self.log.push(self.term, command), term: self.term }
                });
                self.answer(reply, started);
                self.advance_commit();
            }
            Event::Snapshot(index, data) => self.take_snapshot(index, data),
            Event::Kill => {}
            Event::RequestVote(args, reply) => {
                let result = self.request_vote(&args);
                self.answer(reply, result);
            }
            Event::AppendEntries(args, reply) => {
                let result = self.append_entries(args);
                self.answer(reply, result);
            }
            Event::InstallSnapshot(args, reply) => {
                let result = self.install_snapshot(args);
                self.answer(reply, result);
            }
            Event::Voted(term, reply) => self.count_vote(term, &reply),
            Event::Appended { peer, term, prev, count, reply } => {
                if self.is_current(term, reply.term) {
                    self.note_append(peer, prev, count, reply);
                }
            }
            Event::Installed { peer, term, index, reply } => {
                if self.is_current(term, reply.term) {
                    self.note_match(peer, index);
                }
            }
        }
    }

    pub(super) fn others(&self) -> impl Iterator<Item = usize> + use<> {
        let me = self.me;
        (0..self.peers.len()).filter(move |&peer| peer != me)
    }

    pub(super) fn leads(&self) -> bool {
        matches!(self.role, Role::Leader(_))
    }

    /// Whether a reply is to a call of the current term. The reply itself may end that term.
    fn is_current(&mut self, asked_in: Term, reply: Term) -> bool {
        self.observe(reply);
        asked_in == self.term
    }

    fn observe(&mut self, term: Term) {
        if term > self.term {
            if self.leads() {
                self.await_leader();
            }
            (self.term, self.voted_for, self.role) = (term, None, Role::Follower);
            self.changed = true;
        }
    }

    fn await_leader(&mut self) {
        self.alarm = Instant::now() + Duration::from_millis(rand::rng().random_range(400..800));
    }

    fn campaign(&mut self) {
        self.term += 1;
        self.voted_for = Some(self.me);
        self.changed = true;
        self.role = Role::Candidate { votes: 1 };
        self.await_leader();
        tracing::debug!(server = self.me, term = self.term, "stands for election");
        let (term, last) = (self.term, self.log.last());
        let args = RequestVoteArgs {
            term,
            candidate: self.me,
            last_index: last.index,
            last_term: last.term,
        };
        for peer in self.others() {
            self.call(peer, "Raft.RequestVote", args.clone(), move |reply| {
                Event::Voted(term, reply)
            });
        }
        self.lead_if_elected();
    }

    fn count_vote(&mut self, term: Term, reply: &RequestVoteReply) {
        if self.is_current(term, reply.term)
            && reply.granted
            && let Role::Candidate { votes } = &mut self.role
        {
            *votes += 1;
            self.lead_if_elected();
        }
    }

    fn lead_if_elected(&mut self) {
        if matches!(self.role, Role::Candidate { votes } if votes > self.peers.len() / 2) {
            tracing::debug!(server = self.me, term = self.term, "leads");
            let follower = Follower::new(self.log.last().index + 1);
            self.role = Role::Leader(vec![follower; self.peers.len()]);
            self.send_heartbeats();
        }
    }

    fn request_vote(&mut self, args: &RequestVoteArgs) -> RequestVoteReply {
        self.observe(args.term);
        let last = self.log.last();
        let granted = args.term == self.term
            && self.voted_for.is_none_or(|candidate| candidate == args.candidate)
            && (args.last_term, args.last_index) >= (last.term, last.index);
        if granted {
            self.voted_for = Some(args.candidate);
            self.changed = true;
            self.await_leader();
        }
        RequestVoteReply { term: self.term, granted }
    }

    /// Follows the leader of `term`, unless that term is over.
    fn follow(&mut self, term: Term) -> bool {
        self.observe(term);
        if term == self.term {
            self.role = Role::Follower;
            self.await_leader();
        }
        term == self.term
    }

    fn append_entries(&mut self, args: AppendEntriesArgs) -> AppendEntriesReply {
        if !self.follow(args.term) {
            return AppendEntriesReply { term: self.term, ..AppendEntriesReply::default() };
        }
        let conflict = self.log.conflict(args.prev_index, args.prev_term);
        let success = conflict.is_none();
        if success {
            let last_new = args.prev_index + args.entries.len() as Index;
            self.changed |= self.log.merge(args.entries);
            self.commit = self.commit.max(args.commit.min(last_new));
        }
        AppendEntriesReply { term: self.term, success, conflict }
    }

    fn install_snapshot(&mut self, args: InstallSnapshotArgs) -> InstallSnapshotReply {
        if self.follow(args.term) && args.index > self.commit {
            // What was committed before goes to the service first, from the log that is about to be cut.
            self.apply();
            self.log.cut(args.index, args.index_term);
            (self.commit, self.applied) = (args.index, args.index);
            self.new_snapshot = Some(args.data.clone());
            let (index, term) = (args.index, args.index_term);
            let _ = self.service.send(ApplyMsg::Snapshot { index, term, data: args.data });
        }
        InstallSnapshotReply { term: self.term }
    }

    fn take_snapshot(&mut self, index: Index, data: Vec<u8>) {
        if index > self.log.base().index
            && index <= self.applied
            && let Some(term) = self.log.term_at(index)
        {
            self.log.cut(index, term);
            self.new_snapshot = Some(data);
        }
    }

    /// Sends the service what is committed.
    fn apply(&mut self) {
        if self.applied < self.commit {
            let count = (self.commit - self.applied) as usize;
            for entry in &self.log.from(self.applied + 1)[..count] {
                let (index, command) = (entry.index, entry.command.clone());
                let _ = self.service.send(ApplyMsg::Command { index, command });
            }
            self.applied = self.commit;
        }
    }

    /// Saves what has changed, and lets out what has waited for that.
    fn flush(&mut self) {
        let state = || labgob::encode(&(self.term, self.voted_for, &self.log));
        if let Some(snapshot) = self.new_snapshot.take() {
            self.persister.save_state_and_snapshot(state(), snapshot);
        } else if self.changed {
            self.persister.save_state(state());
        }
        self.changed = false;
        self.apply();
        self.outbox.drain(..).for_each(|output| output());
    }

    /// The snapshot that belongs to the log.
    pub(super) fn newest_snapshot(&self) -> Vec<u8> {
        self.new_snapshot.clone().unwrap_or_else(|| self.persister.snapshot())
    }

    fn answer<R: Send + 'static>(&mut self, reply: Sender<R>, result: R) {
        self.outbox.push(Box::new(move || drop(reply.send(result))));
    }

    /// Makes a call once everything is saved. Its reply comes back as an event.
    pub(super) fn call<A, R>(
        &mut self,
        peer: usize,
        method: &'static str,
        args: A,
        event: impl FnOnce(R) -> Event + Send + 'static,
    ) where
        A: Serialize + Send + 'static,
        R: DeserializeOwned,
    {
        let (peers, mailbox) = (self.peers.clone(), self.mailbox.clone());
        let call = move || {
            if let Some(reply) = peers[peer].call(method, &args) {
                let _ = mailbox.send(event(reply));
            }
        };
        self.outbox.push(Box::new(|| drop(thread::spawn(call))));
    }
}
