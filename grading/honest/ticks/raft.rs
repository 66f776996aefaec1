//! Raft by the clock: one thread looks at everything each 10 ms. It stands for election, sends, saves, commits
//! and applies. Handlers of requests and replies only change the state.
//!
//! Saving is lazy: a change sets `unsaved`, and `save` runs before an answer or a request leaves.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use labrpc::{ClientEnd, Service, ThreadPool};
use parking_lot::Mutex;
use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::apply::{ApplyMsg, Started};
use crate::persister::Persister;

const TICK: Duration = Duration::from_millis(10);
const HEARTBEAT: Duration = Duration::from_millis(105);
const ELECTION_MS: std::ops::Range<u64> = 300..900;
/// How long entries wait for the acknowledgement of those before.
const ACKNOWLEDGE: Duration = Duration::from_millis(20);
const SNAPSHOT_AGAIN: Duration = Duration::from_millis(500);
/// One tick applies no more than this.
const APPLY_BATCH: usize = 50;
const APPLY_WAIT: Duration = Duration::from_millis(5);
const APPLY_TIME: Duration = Duration::from_millis(10);

/// One server of a Raft cluster.
pub struct Raft {
    me: usize,
    peers: Vec<ClientEnd>,
    persister: Arc<Persister>,
    apply_ch: Sender<ApplyMsg>,
    calls: ThreadPool,
    killed: AtomicBool,
    state: Mutex<State>,
}

#[derive(PartialEq)]
enum Role {
    Follower,
    Candidate,
    Leader,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Entry {
    pub term: u64,
    #[serde(with = "serde_bytes")]
    pub command: Vec<u8>,
}

struct State {
    // Persistent
    current_term: u64,
    voted_for: Option<usize>,
    log: VecDeque<Entry>,
    /// The last index and term that the snapshot includes.
    offset: u64,
    offset_term: u64,
    unsaved: bool,
    /// The entries up to here are on the disk.
    saved_to: u64,
    // Volatile
    role: Role,
    commit_index: u64,
    last_applied: u64,
    stand_at: Instant,
    votes: Vec<bool>,
    followers: Vec<Progress>,
}

#[derive(Clone)]
struct Progress {
    next_index: u64,
    match_index: u64,
    last_sent: Option<Instant>,
    /// The newest AppendEntries with entries that has no reply yet.
    waiting: Option<(u64, Instant)>,
    calls: u64,
    /// The last index that was sent, perhaps in vain.
    tried: u64,
    hurry: bool,
    snapshot_sent: Option<Instant>,
}

/// The arguments of the RequestVote RPC (Figure 2).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestVoteArgs {
    pub term: u64,
    pub candidate_id: usize,
    pub last_log_index: u64,
    pub last_log_term: u64,
}

/// The reply of the RequestVote RPC (Figure 2).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestVoteReply {
    pub term: u64,
    pub vote_granted: bool,
}

/// The arguments of the AppendEntries RPC (Figure 2).
#[derive(Clone, Serialize, Deserialize)]
pub struct AppendEntriesArgs {
    pub term: u64,
    pub leader_id: usize,
    pub prev_log_index: u64,
    pub prev_log_term: u64,
    pub entries: Vec<Entry>,
    pub leader_commit: u64,
}

/// The reply of the AppendEntries RPC (Figure 2).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppendEntriesReply {
    pub term: u64,
    pub success: bool,
    /// The term of the conflicting entry, 0 if there is none, and the first index of that term.
    pub x_term: u64,
    pub x_index: u64,
    /// The last index of the log.
    pub x_last: u64,
}

/// The arguments of the InstallSnapshot RPC (Figure 13), without chunks.
#[derive(Clone, Serialize, Deserialize)]
pub struct InstallSnapshotArgs {
    pub term: u64,
    pub leader_id: usize,
    pub last_included_index: u64,
    pub last_included_term: u64,
    #[serde(with = "serde_bytes")]
    pub data: Vec<u8>,
}

/// The reply of the InstallSnapshot RPC (Figure 13).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InstallSnapshotReply {
    pub term: u64,
}

enum Outgoing {
    Vote(usize, RequestVoteArgs),
    Append(usize, u64, AppendEntriesArgs),
    Install(usize, InstallSnapshotArgs),
}

type OnDisk = (u64, Option<usize>, u64, u64, VecDeque<Entry>);

fn next_timeout() -> Instant {
    Instant::now() + Duration::from_millis(rand::rng().random_range(ELECTION_MS))
}

impl State {
    fn last_index(&self) -> u64 {
        self.offset + self.log.len() as u64
    }

    fn term_of(&self, index: u64) -> Option<u64> {
        if index == self.offset {
            return Some(self.offset_term);
        }
        let position = index.checked_sub(self.offset + 1)?;
        self.log.get(position as usize).map(|entry| entry.term)
    }

    fn last_term(&self) -> u64 {
        self.log.back().map_or(self.offset_term, |entry| entry.term)
    }

    fn observe(&mut self, term: u64) {
        if term > self.current_term {
            self.current_term = term;
            self.voted_for = None;
            self.unsaved = true;
            if self.role == Role::Leader {
                self.stand_at = next_timeout();
            }
            self.role = Role::Follower;
        }
    }

    fn encode(&self) -> Vec<u8> {
        labgob::encode(&(
            self.current_term,
            self.voted_for,
            self.offset,
            self.offset_term,
            &self.log,
        ))
    }

    fn discard_to(&mut self, index: u64, term: u64) {
        if self.term_of(index) == Some(term) {
            self.log.drain(..(index - self.offset) as usize);
        } else {
            self.log.clear();
        }
        self.offset = index;
        self.offset_term = term;
    }
}

impl Raft {
    /// Starts server `me`.
    pub fn make(
        peers: Vec<ClientEnd>,
        me: usize,
        persister: Arc<Persister>,
        apply_ch: Sender<ApplyMsg>,
    ) -> Arc<Raft> {
        let saved = persister.state();
        let (current_term, voted_for, offset, offset_term, log): OnDisk = if saved.is_empty() {
            OnDisk::default()
        } else {
            labgob::decode(&saved).expect("a valid disk")
        };
        let state = State {
            current_term,
            voted_for,
            saved_to: offset + log.len() as u64,
            log,
            offset,
            offset_term,
            unsaved: false,
            role: Role::Follower,
            commit_index: offset,
            last_applied: offset,
            stand_at: next_timeout(),
            votes: Vec::new(),
            followers: Vec::new(),
        };
        let raft = Arc::new(Raft {
            me,
            peers,
            persister,
            apply_ch,
            calls: ThreadPool::new(),
            killed: AtomicBool::new(false),
            state: Mutex::new(state),
        });
        let ticking = raft.clone();
        thread::spawn(move || {
            while !ticking.killed.load(Ordering::SeqCst) {
                ticking.tick();
                thread::sleep(TICK);
            }
        });
        raft
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
        let state = self.state.lock();
        (state.current_term, state.role == Role::Leader)
    }

    /// Proposes a command: the next tick saves and sends it.
    pub fn start(self: &Arc<Self>, command: Vec<u8>) -> Option<Started> {
        let mut state = self.state.lock();
        if state.role != Role::Leader || self.killed.load(Ordering::SeqCst) {
            return None;
        }
        let term = state.current_term;
        state.log.push_back(Entry { term, command });
        state.unsaved = true;
        Some(Started { index: state.last_index(), term })
    }

    /// The service has a snapshot of all up to `index`.
    pub fn snapshot(&self, index: u64, snapshot: Vec<u8>) {
        let mut state = self.state.lock();
        if index <= state.offset || index > state.commit_index {
            return;
        }
        let term = state.term_of(index).expect("what is applied is in the log");
        state.discard_to(index, term);
        self.save_with(&mut state, snapshot);
    }

    /// Stops this server.
    pub fn kill(&self) {
        self.killed.store(true, Ordering::SeqCst);
    }

    /// Handles RequestVote (Figure 2).
    pub fn request_vote(&self, args: RequestVoteArgs) -> RequestVoteReply {
        let mut state = self.state.lock();
        state.observe(args.term);
        let mut vote_granted = false;
        if args.term == state.current_term
            && (state.voted_for.is_none() || state.voted_for == Some(args.candidate_id))
            && (args.last_log_term > state.last_term()
                || args.last_log_term == state.last_term()
                    && args.last_log_index >= state.last_index())
        {
            vote_granted = true;
            if state.voted_for.is_none() {
                state.voted_for = Some(args.candidate_id);
                state.unsaved = true;
            }
            state.stand_at = next_timeout();
        }
        self.save(&mut state);
        RequestVoteReply { term: state.current_term, vote_granted }
    }

    /// Handles AppendEntries (Figure 2).
    pub fn append_entries(&self, args: AppendEntriesArgs) -> AppendEntriesReply {
        let mut state = self.state.lock();
        state.observe(args.term);
        let mut reply = AppendEntriesReply {
            term: state.current_term,
            success: false,
            x_term: 0,
            x_index: 0,
            x_last: state.last_index(),
        };
        if args.term == state.current_term && state.role != Role::Leader {
            state.role = Role::Follower;
            state.stand_at = next_timeout();
            match state.term_of(args.prev_log_index) {
                Some(term) if term != args.prev_log_term => {
                    let mut first = args.prev_log_index;
                    while first > state.offset + 1 && state.term_of(first - 1) == Some(term) {
                        first -= 1;
                    }
                    reply.x_term = term;
                    reply.x_index = first;
                }
                None if args.prev_log_index > state.offset => {}
                // It matches, or the snapshot covers it.
                _ => {
                    self.take_entries(&mut state, args);
                    reply.success = true;
                }
            }
        }
        self.save(&mut state);
        reply
    }

    fn take_entries(&self, state: &mut State, args: AppendEntriesArgs) {
        let last_new = args.prev_log_index + args.entries.len() as u64;
        for (index, entry) in (args.prev_log_index + 1..).zip(args.entries) {
            if index <= state.offset || state.term_of(index) == Some(entry.term) {
                continue;
            }
            let keep = (index - state.offset - 1) as usize;
            state.log.truncate(keep);
            state.log.push_back(entry);
            state.unsaved = true;
        }
        state.commit_index = state.commit_index.max(args.leader_commit.min(last_new));
    }

    /// Handles InstallSnapshot (Figure 13).
    pub fn install_snapshot(&self, args: InstallSnapshotArgs) -> InstallSnapshotReply {
        let mut state = self.state.lock();
        state.observe(args.term);
        if args.term == state.current_term && state.role != Role::Leader {
            state.role = Role::Follower;
            state.stand_at = next_timeout();
            if args.last_included_index > state.commit_index {
                state.discard_to(args.last_included_index, args.last_included_term);
                state.commit_index = args.last_included_index;
                // The tick hands it to the service: it sees that `last_applied` is before the log.
                self.save_with(&mut state, args.data);
            }
        }
        self.save(&mut state);
        InstallSnapshotReply { term: state.current_term }
    }

    fn save(&self, state: &mut State) {
        if state.unsaved {
            self.persister.save_state(state.encode());
            state.unsaved = false;
            state.saved_to = state.last_index();
        }
    }

    fn save_with(&self, state: &mut State, snapshot: Vec<u8>) {
        self.persister.save_state_and_snapshot(state.encode(), snapshot);
        state.unsaved = false;
        state.saved_to = state.last_index();
    }

    // The tick

    fn tick(self: &Arc<Self>) {
        let mut outgoing = Vec::new();
        let mut state = self.state.lock();
        if state.role == Role::Leader {
            for peer in 0..self.peers.len() {
                if peer != self.me {
                    outgoing.extend(self.due(&mut state, peer));
                }
            }
        } else if Instant::now() >= state.stand_at {
            self.stand(&mut state, &mut outgoing);
        }
        self.save(&mut state);
        self.commit(&mut state);
        drop(state);
        for message in outgoing {
            self.dispatch(message);
        }
        self.apply_some();
    }

    fn stand(&self, state: &mut State, outgoing: &mut Vec<Outgoing>) {
        state.role = Role::Candidate;
        state.current_term += 1;
        state.voted_for = Some(self.me);
        state.unsaved = true;
        state.stand_at = next_timeout();
        state.votes = vec![false; self.peers.len()];
        state.votes[self.me] = true;
        tracing::debug!(server = self.me, term = state.current_term, "stands");
        let args = RequestVoteArgs {
            term: state.current_term,
            candidate_id: self.me,
            last_log_index: state.last_index(),
            last_log_term: state.last_term(),
        };
        outgoing.extend(
            (0..self.peers.len())
                .filter(|&p| p != self.me)
                .map(|p| Outgoing::Vote(p, args.clone())),
        );
        self.lead_if_elected(state);
    }

    fn lead_if_elected(&self, state: &mut State) {
        if state.votes.iter().filter(|&&v| v).count() > self.peers.len() / 2 {
            tracing::debug!(server = self.me, term = state.current_term, "leads");
            state.role = Role::Leader;
            let progress = Progress {
                next_index: state.last_index() + 1,
                match_index: 0,
                last_sent: None,
                waiting: None,
                calls: 0,
                tried: state.last_index(),
                hurry: false,
                snapshot_sent: None,
            };
            state.followers = vec![progress; self.peers.len()];
        }
    }

    /// What to send to a follower in this tick, if anything.
    fn due(&self, state: &mut State, peer: usize) -> Option<Outgoing> {
        let now = Instant::now();
        let last = state.last_index();
        let (term, offset, offset_term) = (state.current_term, state.offset, state.offset_term);
        let leader_commit = state.commit_index;
        let progress = &mut state.followers[peer];
        let overdue = progress.last_sent.is_none_or(|sent| now >= sent + HEARTBEAT);
        if progress.next_index <= offset {
            if progress.snapshot_sent.is_none_or(|sent| now >= sent + SNAPSHOT_AGAIN) {
                progress.snapshot_sent = Some(now);
                progress.last_sent = Some(now);
                progress.hurry = false;
                return Some(Outgoing::Install(
                    peer,
                    InstallSnapshotArgs {
                        term,
                        leader_id: self.me,
                        last_included_index: offset,
                        last_included_term: offset_term,
                        data: self.persister.snapshot(),
                    },
                ));
            }
            if !overdue {
                return None;
            }
            // Only a heartbeat.
            progress.last_sent = Some(now);
            let args = AppendEntriesArgs {
                term,
                leader_id: self.me,
                prev_log_index: offset,
                prev_log_term: offset_term,
                entries: Vec::new(),
                leader_commit,
            };
            return Some(Outgoing::Append(peer, 0, args));
        }
        let blocked = progress.waiting.is_some_and(|(_, since)| now < since + ACKNOWLEDGE);
        if !overdue && !progress.hurry && (blocked || progress.tried >= last) {
            return None;
        }
        progress.hurry = false;
        progress.last_sent = Some(now);
        progress.tried = last;
        progress.calls += 1;
        let number = progress.calls;
        let prev_log_index = progress.next_index - 1;
        if prev_log_index < last {
            progress.waiting = Some((number, now));
        }
        let prev_log_term = state.term_of(prev_log_index).expect("the log reaches back to there");
        let entries = state.log.iter().skip((prev_log_index - offset) as usize).cloned().collect();
        let args = AppendEntriesArgs {
            term,
            leader_id: self.me,
            prev_log_index,
            prev_log_term,
            entries,
            leader_commit,
        };
        Some(Outgoing::Append(peer, number, args))
    }

    fn commit(&self, state: &mut State) {
        if state.role != Role::Leader {
            return;
        }
        // Figure 2: "if there exists an N such that N > commitIndex, ..."
        for n in (state.commit_index + 1..=state.saved_to).rev() {
            if state.term_of(n) != Some(state.current_term) {
                break;
            }
            let copies = state.followers.iter().filter(|f| f.match_index >= n).count() + 1;
            if copies > self.peers.len() / 2 {
                state.commit_index = n;
                break;
            }
        }
    }

    /// Hands over what is committed, but never waits long for the service.
    fn apply_some(&self) {
        let until = Instant::now() + APPLY_TIME;
        for _ in 0..APPLY_BATCH {
            let state = self.state.lock();
            let (index, message) = if state.last_applied < state.offset {
                let (index, term) = (state.offset, state.offset_term);
                (index, ApplyMsg::Snapshot { index, term, data: self.persister.snapshot() })
            } else if state.last_applied < state.commit_index {
                let index = state.last_applied + 1;
                let command = state.log[(index - state.offset - 1) as usize].command.clone();
                (index, ApplyMsg::Command { index, command })
            } else {
                return;
            };
            drop(state);
            if self.apply_ch.send_timeout(message, APPLY_WAIT).is_err() {
                return;
            }
            // Nobody but this thread writes it.
            self.state.lock().last_applied = index;
            if Instant::now() >= until {
                return;
            }
        }
    }

    // Calls and their replies

    fn dispatch(self: &Arc<Self>, message: Outgoing) {
        let raft = self.clone();
        self.calls.execute(move || match message {
            Outgoing::Vote(peer, args) => {
                if let Some(reply) = raft.peers[peer].call("Raft.RequestVote", &args) {
                    raft.voted(peer, &args, &reply);
                }
            }
            Outgoing::Append(peer, number, args) => {
                let reply = raft.peers[peer].call("Raft.AppendEntries", &args);
                raft.appended(peer, number, &args, reply.as_ref());
            }
            Outgoing::Install(peer, args) => {
                if let Some(reply) = raft.peers[peer].call("Raft.InstallSnapshot", &args) {
                    raft.installed(peer, &args, &reply);
                }
            }
        });
    }

    fn voted(&self, peer: usize, args: &RequestVoteArgs, reply: &RequestVoteReply) {
        let mut state = self.state.lock();
        state.observe(reply.term);
        if state.role == Role::Candidate && state.current_term == args.term && reply.vote_granted {
            state.votes[peer] = true;
            self.lead_if_elected(&mut state);
        }
    }

    fn appended(
        &self,
        peer: usize,
        number: u64,
        args: &AppendEntriesArgs,
        reply: Option<&AppendEntriesReply>,
    ) {
        let mut state = self.state.lock();
        if let Some(reply) = reply {
            state.observe(reply.term);
        }
        if state.role != Role::Leader || state.current_term != args.term {
            return;
        }
        let last = state.last_index();
        let progress = &mut state.followers[peer];
        if progress.waiting.is_some_and(|(waiting, _)| waiting == number) {
            progress.waiting = None;
        }
        let Some(reply) = reply else { return };
        let prev = args.prev_log_index;
        if reply.success {
            progress.match_index = progress.match_index.max(prev + args.entries.len() as u64);
            progress.next_index = progress.next_index.max(progress.match_index + 1);
            if progress.next_index <= last && progress.waiting.is_none() {
                progress.hurry = true;
            }
            self.commit(&mut state);
        } else if reply.term == args.term
            && prev + 1 == progress.next_index
            && prev > progress.match_index
        {
            let matched = progress.match_index;
            // By one, unless the follower knows better.
            let mut next = prev;
            if reply.x_term == 0 {
                next = next.min(reply.x_last + 1);
            } else {
                next = next.min(reply.x_index);
                while next < prev && state.term_of(next).is_some_and(|term| term <= reply.x_term) {
                    next += 1;
                }
            }
            let progress = &mut state.followers[peer];
            progress.next_index = next.max(matched + 1);
            progress.hurry = true;
        }
    }

    fn installed(&self, peer: usize, args: &InstallSnapshotArgs, reply: &InstallSnapshotReply) {
        let mut state = self.state.lock();
        state.observe(reply.term);
        if state.role != Role::Leader || state.current_term != args.term {
            return;
        }
        let progress = &mut state.followers[peer];
        progress.match_index = progress.match_index.max(args.last_included_index);
        progress.next_index = progress.next_index.max(progress.match_index + 1);
        progress.snapshot_sent = None;
        progress.hurry = true;
        self.commit(&mut state);
    }
}
