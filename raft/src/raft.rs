//! Raft itself: the file of Lab 2.
// BEGIN SOLUTION 2A
//!
//! One mutex guards the whole state of Figure 2. Nobody holds it while a call is under way or while a
//! message waits on the apply channel. Three kinds of threads work on it besides the RPC handlers:
//!
//! - the *ticker* starts elections, and sends what a leader owes its followers at the latest by now;
//! - the *applier* hands committed commands to the service;
//! - *couriers* each make one call and deal with its reply.
// END SOLUTION

// HANDOUT 2A 2B 2C 2D: // Until the stubs are filled in:
// HANDOUT 2A 2B 2C 2D: #![allow(unused, clippy::allow_attributes)]

// BEGIN SOLUTION 2A
use std::ops::Range;
// END SOLUTION
use std::sync::Arc;
// BEGIN SOLUTION 2A
use std::thread;
use std::time::{Duration, Instant};
// END SOLUTION

use crossbeam_channel::Sender;
use labrpc::{ClientEnd, Service};
// BEGIN SOLUTION 2A
use parking_lot::{Condvar, Mutex};
use rand::Rng;
// END SOLUTION
use serde::{Deserialize, Serialize};
// BEGIN SOLUTION 2A
use tracing::debug;
// END SOLUTION

// BEGIN SOLUTION 2A
use crate::apply::{Index, Term};
use crate::couriers::Couriers;
// END SOLUTION
use crate::apply::{ApplyMsg, Started};
use crate::persister::Persister;

// BEGIN SOLUTION 2A
/// How often a leader lets each follower hear of it.
const HEARTBEAT: Duration = Duration::from_millis(150);

/// How long a server waits to hear of a leader before it stands for election (section 5.2). A draw
/// from a wide range makes split votes rare; the shortest one survives the loss of a heartbeat.
const ELECTION_TIMEOUT: Range<Duration> = Duration::from_millis(500)..Duration::from_millis(1_000);

/// How long a leader waits for new entries to tell of a commit along with them, before it sends word
/// of the commit alone.
const COMMIT_NOTICE: Duration = Duration::from_millis(10);
// END SOLUTION

/// One server's part in Raft.
pub struct Raft {
    me: usize,
    peers: Vec<ClientEnd>,
    persister: Arc<Persister>,
    // HANDOUT 2A: // The state of Figure 2, behind a lock.
    // BEGIN SOLUTION 2A
    state: Mutex<State>,
    /// Wakes the ticker when its next deadline has come closer.
    alarm: Condvar,
    /// Wakes the applier when there is something to apply.
    news: Condvar,
    couriers: Couriers,
    // END SOLUTION
}

// BEGIN SOLUTION 2A
/// The state of Figure 2. Invariant: what is on the disk equals the first three fields whenever the
/// lock is free.
struct State {
    current_term: Term,
    /// Who got this server's vote in the current term.
    voted_for: Option<usize>,
    log: Log,

    role: Role,
    /// At least the log's base; never falls.
    commit_index: Index,
    /// The last index handed to the applier; at most the commit index once no snapshot waits.
    last_applied: Index,
    /// When to stand for election, if nothing is heard until then.
    election_deadline: Instant,
    /// A snapshot from the leader that the service has not got yet.
    pending_snapshot: Option<ApplyMsg>,
    killed: bool,
}

enum Role {
    Follower,
    Candidate {
        votes: usize,
    },
    /// By server; a leader's entry for itself says how far its own log goes.
    Leader {
        followers: Vec<Progress>,
    },
}

/// What a leader knows of a server.
struct Progress {
    next_index: Index,
    match_index: Index,
    /// How many calls to it are under way.
    calls: usize,
    /// When it must hear of this leader again.
    due: Instant,
}

#[derive(Clone, Serialize, Deserialize)]
struct Entry {
    term: Term,
    #[serde(with = "serde_bytes")]
    command: Vec<u8>,
}
// END SOLUTION

/// The arguments of the RequestVote RPC (Figure 2).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestVoteArgs {
    // HANDOUT 2A: // Figure 2 lists the fields.
    // BEGIN SOLUTION 2A
    term: Term,
    candidate_id: usize,
    last_log_index: Index,
    last_log_term: Term,
    // END SOLUTION
}

/// The reply of the RequestVote RPC (Figure 2).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestVoteReply {
    // HANDOUT 2A: // Figure 2 lists the fields.
    // BEGIN SOLUTION 2A
    term: Term,
    vote_granted: bool,
    // END SOLUTION
}

/// The arguments of the AppendEntries RPC (Figure 2).
#[derive(Clone, Serialize, Deserialize)]
pub struct AppendEntriesArgs {
    // HANDOUT 2A: // Figure 2 lists the fields.
    // BEGIN SOLUTION 2A
    term: Term,
    prev_log_index: Index,
    prev_log_term: Term,
    entries: Vec<Entry>,
    leader_commit: Index,
    // END SOLUTION
}

/// The reply of the AppendEntries RPC (Figure 2).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppendEntriesReply {
    // HANDOUT 2A: // Figure 2 lists the fields; 2C needs more.
    // BEGIN SOLUTION 2A
    term: Term,
    /// Where the logs part, if the follower has no entry that matches `prev_log_index`.
    conflict: Option<Conflict>,
    success: bool,
    // END SOLUTION
}

// BEGIN SOLUTION 2A
/// Lets a leader skip a whole term of conflicting entries at a time (section 5.3, last paragraphs).
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Conflict {
    /// The term of the follower's entry at `prev_log_index`; none if its log is too short.
    term: Option<Term>,
    /// The first index of that term, or the one after the log's end.
    index: Index,
}
// END SOLUTION

/// The arguments of the InstallSnapshot RPC (Figure 13), without chunks.
#[derive(Clone, Serialize, Deserialize)]
pub struct InstallSnapshotArgs {
    // HANDOUT 2D: // Figure 13 lists the fields.
    // BEGIN SOLUTION 2D
    term: Term,
    last_included_index: Index,
    last_included_term: Term,
    #[serde(with = "serde_bytes")]
    data: Vec<u8>,
    // END SOLUTION
}

/// The reply of the InstallSnapshot RPC (Figure 13).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InstallSnapshotReply {
    // HANDOUT 2D: // Figure 13 lists the fields.
    // BEGIN SOLUTION 2D
    term: Term,
    // END SOLUTION
}

impl Raft {
    /// Starts the server `me` of a cluster, from what it has saved before.
    ///
    /// `peers` holds an end to every server, this one included. Committed commands go to `apply_ch`.
    /// Returns at once; the work is done by threads of its own.
    pub fn make(
        peers: Vec<ClientEnd>,
        me: usize,
        persister: Arc<Persister>,
        apply_ch: Sender<ApplyMsg>,
    ) -> Arc<Raft> {
        // BEGIN SOLUTION 2A: restore what was saved, and start the threads that hold elections and apply
        let raft = Arc::new(Raft {
            state: Mutex::new(State::restore(&persister)),
            me,
            peers,
            persister,
            alarm: Condvar::new(),
            news: Condvar::new(),
            couriers: Couriers::new(),
        });
        let ticker = raft.clone();
        thread::spawn(move || ticker.tick());
        let applier = raft.clone();
        thread::spawn(move || applier.apply(apply_ch));
        raft
        // END SOLUTION
    }

    /// The RPC methods of this server, one line each.
    pub fn rpc_service(self: &Arc<Self>) -> Service<Raft> {
        Service::new("Raft", self.clone())
            .method("RequestVote", Raft::request_vote)
            .method("AppendEntries", Raft::append_entries)
            .method("InstallSnapshot", Raft::install_snapshot)
    }

    /// The current term, and whether this server believes that it is the leader.
    pub fn get_state(&self) -> (u64, bool) {
        // BEGIN SOLUTION 2A: answer from the state
        let state = self.state.lock();
        (state.current_term, matches!(state.role, Role::Leader { .. }))
        // END SOLUTION
    }

    /// Proposes a command, if this server believes that it is the leader; `None` if not.
    ///
    /// Returns at once. The command may never be committed: the leader may be deposed first.
    pub fn start(self: &Arc<Self>, command: Vec<u8>) -> Option<Started> {
        // BEGIN SOLUTION 2B: append the command to the leader's log and let the followers have it
        let mut state = self.state.lock();
        let state = &mut *state;
        let Role::Leader { followers } = &mut state.role else {
            return None;
        };
        let term = state.current_term;
        let index = state.log.append(Entry { term, command });
        followers[self.me].match_index = index;
        self.persist(state);
        self.replicate(state);
        self.advance_commit(state);
        Some(Started { index, term })
        // END SOLUTION
    }

    /// Tells Raft that the service has everything up to `index` in `snapshot`, so that the log up to
    /// there is no longer needed (section 7).
    pub fn snapshot(&self, index: u64, snapshot: Vec<u8>) {
        // BEGIN SOLUTION 2D: cut the log, and save the rest together with the snapshot
        let mut state = self.state.lock();
        if index > state.log.base_index && index <= state.last_applied {
            state.log.compact(index);
            self.persist_with(&state, snapshot);
        }
        // END SOLUTION
    }

    /// Ends this server: its threads end soon, given that the receiver of the apply channel is read
    /// from or dropped.
    pub fn kill(&self) {
        // BEGIN SOLUTION 2A: let every thread of this server end
        let mut state = self.state.lock();
        state.killed = true;
        state.role = Role::Follower;
        self.alarm.notify_all();
        self.news.notify_all();
        // END SOLUTION
    }

    /// Handles RequestVote (Figure 2).
    pub fn request_vote(&self, args: RequestVoteArgs) -> RequestVoteReply {
        // BEGIN SOLUTION 2A: decide about the vote
        let mut state = self.state.lock();
        self.observe_term(&mut state, args.term);
        let vote_granted = args.term == state.current_term
            && state.voted_for.is_none_or(|candidate| candidate == args.candidate_id)
            && (args.last_log_term, args.last_log_index) >= state.log.last();
        if vote_granted {
            state.voted_for = Some(args.candidate_id);
            state.await_leader();
            self.persist(&state);
        }
        RequestVoteReply { term: state.current_term, vote_granted }
        // END SOLUTION
    }

    /// Handles AppendEntries (Figure 2).
    pub fn append_entries(&self, args: AppendEntriesArgs) -> AppendEntriesReply {
        // BEGIN SOLUTION 2A: follow the leader, and make this log like the leader's
        let mut state = self.state.lock();
        if !self.follow(&mut state, args.term) {
            return AppendEntriesReply { term: state.current_term, conflict: None, success: false };
        }
        let term = state.current_term;
        if let Some(conflict) = state.log.conflict(args.prev_log_index, args.prev_log_term) {
            return AppendEntriesReply { term, conflict: Some(conflict), success: false };
        }
        let last_new = args.prev_log_index + args.entries.len() as Index;
        if state.log.merge(args.prev_log_index, args.entries) {
            self.persist(&state);
        }
        if args.leader_commit.min(last_new) > state.commit_index {
            state.commit_index = args.leader_commit.min(last_new);
            self.news.notify_one();
        }
        AppendEntriesReply { term, conflict: None, success: true }
        // END SOLUTION
    }

    /// Handles InstallSnapshot (Figure 13).
    pub fn install_snapshot(&self, args: InstallSnapshotArgs) -> InstallSnapshotReply {
        // BEGIN SOLUTION 2D: take over the snapshot, unless this server is beyond it
        let mut state = self.state.lock();
        let index = args.last_included_index;
        if self.follow(&mut state, args.term) && index > state.commit_index {
            state.log.rebase(index, args.last_included_term);
            state.commit_index = index;
            self.persist_with(&state, args.data.clone());
            let term = args.last_included_term;
            state.pending_snapshot = Some(ApplyMsg::Snapshot { index, term, data: args.data });
            self.news.notify_one();
        }
        InstallSnapshotReply { term: state.current_term }
        // END SOLUTION
    }
}

// BEGIN SOLUTION 2A
/// Terms and elections (sections 5.1, 5.2, 5.4.1).
impl Raft {
    fn others(&self) -> impl Iterator<Item = usize> + use<> {
        let me = self.me;
        (0..self.peers.len()).filter(move |&peer| peer != me)
    }

    /// Becomes a follower in a newer term, whoever told of it (Figure 2, Rules for all servers).
    fn observe_term(&self, state: &mut State, term: Term) {
        if term > state.current_term {
            state.current_term = term;
            state.voted_for = None;
            state.role = Role::Follower;
            self.persist(state);
        }
    }

    /// Follows whoever leads `term`. `false` if that leader has been deposed.
    fn follow(&self, state: &mut State, term: Term) -> bool {
        self.observe_term(state, term);
        if term < state.current_term {
            return false;
        }
        state.role = Role::Follower;
        state.await_leader();
        true
    }

    /// The ticker: acts when a deadline passes, and sleeps until the next.
    fn tick(self: Arc<Self>) {
        let mut state = self.state.lock();
        while !state.killed {
            if matches!(state.role, Role::Leader { .. }) {
                self.send_heartbeats(&mut state);
            } else if Instant::now() >= state.election_deadline {
                self.campaign(&mut state);
            }
            let deadline = match &state.role {
                Role::Leader { followers } => self.others().map(|peer| followers[peer].due).min(),
                _ => Some(state.election_deadline),
            };
            let deadline = deadline.unwrap_or_else(|| Instant::now() + HEARTBEAT);
            self.alarm.wait_until(&mut state, deadline);
        }
    }

    /// Stands for election (Figure 2, Rules for candidates).
    fn campaign(self: &Arc<Self>, state: &mut State) {
        state.current_term += 1;
        state.voted_for = Some(self.me);
        state.role = Role::Candidate { votes: 1 };
        state.await_leader();
        self.persist(state);
        debug!(server = self.me, term = state.current_term, "stands for election");
        self.lead_if_elected(state);

        let (last_log_term, last_log_index) = state.log.last();
        let args = RequestVoteArgs {
            term: state.current_term,
            candidate_id: self.me,
            last_log_index,
            last_log_term,
        };
        for peer in self.others() {
            let (raft, args) = (self.clone(), args.clone());
            self.couriers.dispatch(move || {
                if let Some(reply) = raft.peers[peer].call("Raft.RequestVote", &args) {
                    raft.count_vote(args.term, reply);
                }
            });
        }
    }

    fn count_vote(&self, term: Term, reply: RequestVoteReply) {
        let mut state = self.state.lock();
        self.observe_term(&mut state, reply.term);
        // A vote counts in the election that it was asked for, and in no later one.
        if state.current_term != term || !reply.vote_granted {
            return;
        }
        if let Role::Candidate { votes } = &mut state.role {
            *votes += 1;
            self.lead_if_elected(&mut state);
        }
    }

    fn lead_if_elected(&self, state: &mut State) {
        let Role::Candidate { votes } = state.role else {
            return;
        };
        if votes <= self.peers.len() / 2 {
            return;
        }
        debug!(server = self.me, term = state.current_term, "leads");
        let (_, last_index) = state.log.last();
        let now = Instant::now();
        let progress = |peer| Progress {
            next_index: last_index + 1,
            match_index: if peer == self.me { last_index } else { 0 },
            calls: 0,
            due: now,
        };
        state.role = Role::Leader { followers: (0..self.peers.len()).map(progress).collect() };
        self.alarm.notify_one();
    }
}
// END SOLUTION

// BEGIN SOLUTION 2A
/// The leader's side of replication (sections 5.3, 5.4.2).
impl Raft {
    /// Sends to each follower whose time has come.
    fn send_heartbeats(self: &Arc<Self>, state: &mut State) {
        let now = Instant::now();
        for peer in self.others() {
            if let Role::Leader { followers } = &mut state.role
                && followers[peer].due <= now
            {
                self.update(state.current_term, peer, &mut followers[peer]);
            }
        }
    }

    /// Sends to each follower that lacks entries. One that has a call under way gets what it lacks
    /// when that call returns: this is what makes batches.
    fn replicate(self: &Arc<Self>, state: &mut State) {
        let (_, last_index) = state.log.last();
        let Role::Leader { followers } = &mut state.role else {
            return;
        };
        for peer in self.others() {
            let follower = &mut followers[peer];
            if follower.calls == 0 && follower.next_index <= last_index {
                self.update(state.current_term, peer, follower);
            }
        }
    }

    /// Lets a courier bring a follower up to date.
    fn update(self: &Arc<Self>, term: Term, peer: usize, follower: &mut Progress) {
        follower.calls += 1;
        follower.due = Instant::now() + HEARTBEAT;
        let raft = self.clone();
        self.couriers.dispatch(move || {
            raft.call_follower(term, peer);
            let mut state = raft.state.lock();
            if let Some(follower) = state.follower(term, peer) {
                follower.calls -= 1;
            }
        });
    }

    /// Sends one message to a follower: the entries that it lacks by now, or none.
    fn call_follower(self: &Arc<Self>, term: Term, peer: usize) {
        let mut state = self.state.lock();
        let base_index = state.log.base_index;
        let Some(next_index) = state.follower(term, peer).map(|follower| follower.next_index)
        else {
            return;
        };
        // BEGIN SOLUTION 2D
        if next_index <= base_index {
            return self.send_snapshot(state, peer);
        }
        // END SOLUTION
        let args = state.append_args(next_index);
        drop(state);
        if let Some(reply) = self.peers[peer].call("Raft.AppendEntries", &args) {
            self.note_append(peer, &args, reply);
        }
    }

    fn note_append(
        self: &Arc<Self>,
        peer: usize,
        args: &AppendEntriesArgs,
        reply: AppendEntriesReply,
    ) {
        let mut state = self.state.lock();
        let state = &mut *state;
        self.observe_term(state, reply.term);
        if reply.success {
            self.note_match(
                state,
                args.term,
                peer,
                args.prev_log_index + args.entries.len() as Index,
            );
        } else if let Some(conflict) = reply.conflict {
            let next_index = state.log.back_up(&conflict);
            // A reply to an earlier message must not undo what later ones have found out.
            if let Some(follower) = state.follower(args.term, peer)
                && follower.next_index == args.prev_log_index + 1
            {
                follower.next_index = next_index.max(follower.match_index + 1);
                self.update(args.term, peer, follower);
            }
        }
    }

    /// Notes that a follower's log is like the leader's up to `index`.
    fn note_match(self: &Arc<Self>, state: &mut State, term: Term, peer: usize, index: Index) {
        let (_, last_index) = state.log.last();
        let Some(follower) = state.follower(term, peer) else {
            return;
        };
        follower.match_index = follower.match_index.max(index);
        follower.next_index = follower.next_index.max(index + 1);
        if follower.calls == 1 && follower.next_index <= last_index {
            self.update(term, peer, follower);
        }
        self.advance_commit(state);
    }

    /// Commits what a majority has, if it is of the current term (section 5.4.2 and Figure 8): an
    /// entry of an earlier term is safe only below a committed one of this term.
    fn advance_commit(&self, state: &mut State) {
        let Role::Leader { followers } = &mut state.role else {
            return;
        };
        let mut matched: Vec<Index> = followers.iter().map(|server| server.match_index).collect();
        matched.sort_unstable_by(|left, right| right.cmp(left));
        let index = matched[matched.len() / 2];
        if index <= state.commit_index || state.log.term_at(index) != Some(state.current_term) {
            return;
        }
        state.commit_index = index;
        self.news.notify_one();
        let notice = Instant::now() + COMMIT_NOTICE;
        for follower in followers {
            follower.due = follower.due.min(notice);
        }
        self.alarm.notify_one();
    }

    // BEGIN SOLUTION 2D
    /// Sends the snapshot to a follower that needs entries which are no longer in the log (section 7).
    fn send_snapshot(self: &Arc<Self>, state: parking_lot::MutexGuard<'_, State>, peer: usize) {
        let args = InstallSnapshotArgs {
            term: state.current_term,
            last_included_index: state.log.base_index,
            last_included_term: state.log.base_term,
            data: self.persister.snapshot(),
        };
        drop(state);
        let reply: Option<InstallSnapshotReply> =
            self.peers[peer].call("Raft.InstallSnapshot", &args);
        if let Some(reply) = reply {
            let mut state = self.state.lock();
            self.observe_term(&mut state, reply.term);
            self.note_match(&mut state, args.term, peer, args.last_included_index);
        }
    }
    // END SOLUTION
}
// END SOLUTION

// BEGIN SOLUTION 2A
/// Applying and saving.
impl Raft {
    /// The applier. It sends without the lock: the service may call Raft before it takes the next
    /// message.
    fn apply(self: Arc<Self>, apply_ch: Sender<ApplyMsg>) {
        while let Some(messages) = self.next_messages() {
            for message in messages {
                if apply_ch.send(message).is_err() {
                    return;
                }
            }
        }
    }

    /// Waits for something to apply. `None` once this server is killed.
    fn next_messages(&self) -> Option<Vec<ApplyMsg>> {
        let mut state = self.state.lock();
        while !state.killed {
            // BEGIN SOLUTION 2D
            if let Some(snapshot) = state.pending_snapshot.take() {
                state.last_applied = state.log.base_index;
                return Some(vec![snapshot]);
            }
            // END SOLUTION
            let from = state.last_applied + 1;
            if from <= state.commit_index {
                state.last_applied = state.commit_index;
                let commands = state.log.between(from, state.commit_index).iter();
                let message = |(index, entry): (Index, &Entry)| ApplyMsg::Command {
                    index,
                    command: entry.command.clone(),
                };
                return Some((from..).zip(commands).map(message).collect());
            }
            self.news.wait(&mut state);
        }
        None
    }

    /// Saves what must survive a crash, before anybody is told of it (Figure 2).
    fn persist(&self, state: &State) {
        // BEGIN SOLUTION 2C
        self.persister.save_state(state.encode());
        // END SOLUTION
    }

    // BEGIN SOLUTION 2D
    fn persist_with(&self, state: &State, snapshot: Vec<u8>) {
        self.persister.save_state_and_snapshot(state.encode(), snapshot);
    }
    // END SOLUTION
}

impl State {
    /// The state of a server that starts, from what it has saved.
    fn restore(persister: &Persister) -> State {
        let saved = persister.state();
        let (current_term, voted_for, log) = if saved.is_empty() {
            (0, None, Log::default())
        } else {
            labgob::decode(&saved).expect("the disk holds what this server has saved")
        };
        let base_index = log.base_index;
        let mut state = State {
            current_term,
            voted_for,
            log,
            role: Role::Follower,
            commit_index: base_index,
            last_applied: base_index,
            election_deadline: Instant::now(),
            pending_snapshot: None,
            killed: false,
        };
        state.await_leader();
        state
    }

    fn encode(&self) -> Vec<u8> {
        labgob::encode(&(self.current_term, self.voted_for, &self.log))
    }

    /// Puts off this server's candidacy by a new election timeout.
    fn await_leader(&mut self) {
        self.election_deadline = Instant::now() + rand::rng().random_range(ELECTION_TIMEOUT);
    }

    /// What the leader of `term` knows of a server, as long as this server is that leader.
    fn follower(&mut self, term: Term, peer: usize) -> Option<&mut Progress> {
        match &mut self.role {
            Role::Leader { followers } if self.current_term == term => Some(&mut followers[peer]),
            _ => None,
        }
    }

    fn append_args(&self, next_index: Index) -> AppendEntriesArgs {
        let (_, last_index) = self.log.last();
        let prev_log_index = next_index - 1;
        AppendEntriesArgs {
            term: self.current_term,
            prev_log_index,
            prev_log_term: self.log.term_at(prev_log_index).expect("the log reaches to there"),
            entries: self.log.between(next_index, last_index).to_vec(),
            leader_commit: self.commit_index,
        }
    }
}

/// The log above a base: the last entry that a snapshot includes, or the empty log's index 0.
#[derive(Default, Serialize, Deserialize)]
struct Log {
    base_index: Index,
    base_term: Term,
    /// The entry at index `base_index + 1` and those after it.
    entries: Vec<Entry>,
}

impl Log {
    /// Term and index of the last entry, in the order that compares logs (section 5.4.1).
    fn last(&self) -> (Term, Index) {
        let term = self.entries.last().map_or(self.base_term, |entry| entry.term);
        (term, self.base_index + self.entries.len() as Index)
    }

    fn term_at(&self, index: Index) -> Option<Term> {
        match index.checked_sub(self.base_index)? {
            0 => Some(self.base_term),
            offset => self.entries.get(offset as usize - 1).map(|entry| entry.term),
        }
    }

    /// The entries `from..=to`, all above the base.
    fn between(&self, from: Index, to: Index) -> &[Entry] {
        &self.entries[(from - self.base_index - 1) as usize..(to - self.base_index) as usize]
    }

    fn append(&mut self, entry: Entry) -> Index {
        self.entries.push(entry);
        self.base_index + self.entries.len() as Index
    }

    /// Where this log parts from one with an entry of `term` at `index`; none if it has that entry.
    fn conflict(&self, index: Index, term: Term) -> Option<Conflict> {
        if index < self.base_index {
            // A snapshot holds committed entries only, and on those all logs agree.
            return None;
        }
        match self.term_at(index) {
            Some(here) if here == term => None,
            Some(here) => Some(Conflict { term: Some(here), index: self.first_of(here) }),
            None => Some(Conflict { term: None, index: self.last().1 + 1 }),
        }
    }

    /// The next index for a follower that reported `conflict`: beyond the leader's last entry of the
    /// conflicting term, or where the follower's entries of it begin.
    fn back_up(&self, conflict: &Conflict) -> Index {
        let after = conflict.term.and_then(|term| {
            let offset = self.entries.iter().rposition(|entry| entry.term == term)?;
            Some(self.base_index + offset as Index + 2)
        });
        after.unwrap_or(conflict.index).max(1)
    }

    fn first_of(&self, term: Term) -> Index {
        let offset = self.entries.partition_point(|entry| entry.term < term);
        self.base_index + offset as Index + 1
    }

    /// Puts `entries` after `prev_index`. Only a conflict removes what is there (section 5.3): a
    /// message that was delayed must not undo a later one. Says whether anything has changed.
    fn merge(&mut self, prev_index: Index, entries: Vec<Entry>) -> bool {
        let mut changed = false;
        for (index, entry) in (prev_index + 1..).zip(entries) {
            if index <= self.base_index || self.term_at(index) == Some(entry.term) {
                continue;
            }
            self.entries.truncate((index - self.base_index - 1) as usize);
            self.entries.push(entry);
            changed = true;
        }
        changed
    }

    // BEGIN SOLUTION 2D
    /// Drops the entries up to `index`, which the log must have.
    fn compact(&mut self, index: Index) {
        let term = self.term_at(index).expect("only what was applied goes into a snapshot");
        self.rebase(index, term);
    }

    /// Makes `index` the base. Keeps what follows if the log has that entry (Figure 13, step 6), and
    /// nothing otherwise.
    fn rebase(&mut self, index: Index, term: Term) {
        if self.term_at(index) == Some(term) {
            self.entries.drain(..(index - self.base_index) as usize);
        } else {
            self.entries.clear();
        }
        self.base_index = index;
        self.base_term = term;
    }
    // END SOLUTION
}
// END SOLUTION
