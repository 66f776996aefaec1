//! Raft: the file that students write in Lab 2.
//!
//! One mutex guards the whole state of Figure 2. No thread holds it during a call, or while a message
//! waits on the apply channel. Besides the RPC handlers, three kinds of threads work on the state:
//!
//! - the *ticker* starts elections and sends heartbeats;
//! - the *applier* hands committed commands to the service;
//! - the threads of a *pool* make one call each, and deal with its reply.
//!
//! This file holds the state, the interface and the RPC handlers: what every server does. `election` and
//! `replication` hold what candidates and leaders do, `applier` the way to the service, and `log` a log
//! that begins where a snapshot ends.

mod applier;
mod election;
mod flow;
mod log;
mod members;
mod pre_vote;
mod quorum;
mod reads;
mod replication;
mod transfer;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use labrpc::{ClientEnd, Service};
use parking_lot::{Condvar, Mutex};
use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::apply::{ApplyMsg, Index, Started, Term};
use crate::persister::Persister;
use crate::thread_pool::ThreadPool;
use log::{Conflict, Entry, Log};
use members::{Change, Servers};
use pre_vote::Canvass;
use transfer::Transfer;

/// How long a server waits to hear from a leader before it stands for election (section 5.2). The wide
/// range makes split votes rare; the shortest timeout survives the loss of one heartbeat.
const ELECTION_TIMEOUT: Range<Duration> = Duration::from_millis(500)..Duration::from_millis(1_000);

/// One server of a Raft cluster.
pub struct Raft {
    me: usize,
    peers: Vec<ClientEnd>,
    persister: Arc<Persister>,
    // 2A: the state of Figure 2, behind a lock
    state: Mutex<State>,
    /// Wakes the ticker when its next deadline has moved closer.
    alarm: Condvar,
    /// Wakes the applier when there is something to apply.
    news: Condvar,
    pool: ThreadPool,
    // 3C
    /// Wakes reads that wait until this server is known to lead.
    confirmed: Condvar,
}

/// The state of Figure 2. Invariant: whenever the lock is free, the disk holds the first three fields.
struct State {
    current_term: Term,
    /// The candidate that got this server's vote in the current term.
    voted_for: Option<usize>,
    log: Log,
    /// The servers that make up the cluster: a majority of them elects, and commits.
    servers: Vec<usize>,

    role: Role,
    /// At least the log's base; never falls.
    commit_index: Index,
    /// The last index handed to the applier. At most the commit index, unless a snapshot is pending.
    last_applied: Index,
    /// When to stand for election if no leader has been heard from by then.
    election_deadline: Instant,
    /// A snapshot from the leader that the service has not received yet.
    pending_snapshot: Option<ApplyMsg>,
    killed: bool,
    // 2E
    /// When this server last heard from the leader of its term.
    leader_heard: Option<Instant>,
    /// Who would vote for this server, if it has asked.
    canvass: Option<Canvass>,
    /// To whom this server, as leader, hands its office over.
    transfer: Option<Transfer>,
    /// Whether the leader has told this server to stand for election.
    must_stand: bool,
    // 3C
    /// Whether this server stands because its leader has told it to.
    is_successor: bool,
    // 2F
    /// The change of members that this server, as leader, prepares.
    change: Option<Change>,
}

enum Role {
    Follower,
    Candidate {
        votes: usize,
    },
    /// By server. The leader's entry for itself tells how far its own log goes.
    Leader {
        followers: Vec<Progress>,
    },
}

/// What a leader knows about a follower.
struct Progress {
    next_index: Index,
    match_index: Index,
    /// The number of calls to it that have not returned.
    calls: usize,
    /// When it must hear from this leader again.
    due: Instant,
    // 2E
    /// When it last answered.
    answered: Instant,
    /// The bytes of commands in calls to it that have not returned.
    under_way: usize,
    // 3C
    /// When the latest of the calls was made that it has answered.
    heard: Option<Instant>,
}

/// The arguments of the RequestVote RPC (Figure 2).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestVoteArgs {
    // 2A: Figure 2 lists the fields
    term: Term,
    candidate_id: usize,
    last_log_index: Index,
    last_log_term: Term,
    // 3C
    /// Whether the leader wants this election.
    is_successor: bool,
}

/// The reply of the RequestVote RPC (Figure 2).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestVoteReply {
    // 2A: Figure 2 lists the fields
    term: Term,
    vote_granted: bool,
}

/// The arguments of the AppendEntries RPC (Figure 2).
#[derive(Clone, Serialize, Deserialize)]
pub struct AppendEntriesArgs {
    // 2A: Figure 2 lists the fields; heartbeats need some of them, 2B needs all
    term: Term,
    prev_log_index: Index,
    prev_log_term: Term,
    entries: Vec<Entry>,
    leader_commit: Index,
    // 2F
    /// Which of the entries change the members of the cluster, and to whom.
    members: BTreeMap<Index, Servers>,
}

/// The reply of the AppendEntries RPC (Figure 2).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppendEntriesReply {
    // 2A: Figure 2 lists the fields; the end of section 5.3 suggests more
    term: Term,
    /// Where the logs differ, if the follower has no entry that matches `prev_log_index`.
    conflict: Option<Conflict>,
    success: bool,
}

/// The arguments of the InstallSnapshot RPC (Figure 13), without chunks.
#[derive(Clone, Serialize, Deserialize)]
pub struct InstallSnapshotArgs {
    // 2D: Figure 13 lists the fields
    term: Term,
    last_included_index: Index,
    last_included_term: Term,
    #[serde(with = "serde_bytes")]
    data: Vec<u8>,
    // 2F
    /// The members of the cluster as of the last entry that is included.
    members: Servers,
}

/// The reply of the InstallSnapshot RPC (Figure 13).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InstallSnapshotReply {
    // 2D: Figure 13 lists the fields
    term: Term,
}

impl Raft {
    /// Starts server `me` of a cluster from the state that it saved before, if any.
    ///
    /// `peers` holds a client end to every server, this one included. Committed commands go to
    /// `apply_ch`. Returns at once: threads that it starts do the work.
    // 2A: restore what was saved, and start the threads that hold elections and apply
    pub fn make(
        peers: Vec<ClientEnd>,
        me: usize,
        persister: Arc<Persister>,
        apply_ch: Sender<ApplyMsg>,
    ) -> Arc<Raft> {
        let servers = (0..peers.len()).collect();
        Raft::begin(peers, me, persister, apply_ch, servers)
    }

    /// Starts server `me` of a cluster whose members change. At first, `members` are in it; `peers` holds a client end to
    /// every server that may ever be.
    // 2F: like make, with fewer servers in the cluster
    pub fn make_with_members(
        peers: Vec<ClientEnd>,
        me: usize,
        persister: Arc<Persister>,
        apply_ch: Sender<ApplyMsg>,
        members: Vec<usize>,
    ) -> Arc<Raft> {
        Raft::begin(peers, me, persister, apply_ch, members)
    }

    fn begin(
        peers: Vec<ClientEnd>,
        me: usize,
        persister: Arc<Persister>,
        apply_ch: Sender<ApplyMsg>,
        servers: Vec<usize>,
    ) -> Arc<Raft> {
        let raft = Arc::new(Raft {
            state: Mutex::new(State::restore(&persister, servers)),
            me,
            peers,
            persister,
            alarm: Condvar::new(),
            news: Condvar::new(),
            pool: ThreadPool::new(),
            // 3C
            confirmed: Condvar::new(),
        });
        let ticker = raft.clone();
        thread::spawn(move || ticker.tick());
        // 2B
        thread::spawn({
            let applier = raft.clone();
            move || applier.apply(apply_ch)
        });
        raft
    }

    /// The RPC methods of this server, one line each.
    pub fn rpc_service(self: &Arc<Self>) -> Service<Raft> {
        Service::new("Raft", self.clone())
            .method("RequestVote", Raft::request_vote)
            .method("AppendEntries", Raft::append_entries)
            .method("InstallSnapshot", Raft::install_snapshot)
            // 2E
            .method("PreVote", Raft::pre_vote)
            // 2E
            .method("TimeoutNow", Raft::timeout_now)
    }

    /// The current term, and whether this server believes that it is the leader.
    // 2A: answer from the state
    pub fn get_state(&self) -> (u64, bool) {
        let state = self.state.lock();
        (state.current_term, matches!(state.role, Role::Leader { .. }))
    }

    /// Proposes a command if this server believes that it is the leader. Returns `None` if not.
    ///
    /// Returns at once. The command may never be committed: the leader may lose its office first.
    // 2B: append the command to the leader's log, and send it to the followers
    pub fn start(self: &Arc<Self>, command: Vec<u8>) -> Option<Started> {
        let mut state = self.state.lock();
        let state = &mut *state;
        // 2E
        if state.is_handing_over() {
            return None;
        }
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
    }

    /// Tells Raft that `snapshot` contains everything the service has applied up to `index`. Raft no
    /// longer needs its log up to there (section 7).
    // 2D: cut the log, and save the rest of it together with the snapshot
    pub fn snapshot(&self, index: u64, snapshot: Vec<u8>) {
        let mut state = self.state.lock();
        if index > state.log.base_index && index <= state.last_applied {
            state.log.compact(index);
            self.persist_with(&state, snapshot);
        }
    }

    /// Hands the office of the leader over to server `to`, in time and without an election timeout (dissertation, section
    /// 3.10). Returns at once: whether this server leads, and will try. Until the other server leads it takes no
    /// commands; if that has not happened after an election timeout, it goes on as before.
    // 2E: take no commands until `to` has all entries, and tell it to stand for election
    pub fn transfer_leadership(self: &Arc<Self>, to: usize) -> bool {
        let mut state = self.state.lock();
        let can =
            matches!(state.role, Role::Leader { .. }) && to != self.me && to < self.peers.len();
        if can {
            state.transfer = Some(Transfer::begin(state.current_term, to));
            self.hand_over(&mut state, to);
        }
        can
    }

    /// Waits until this server is known to lead at a time after this call, and returns the index up to which its service
    /// must have applied before it reads (dissertation, section 6.4). `None` if it does not lead, or if nothing of its
    /// term is committed: then an entry must come first. Takes a second at most.
    // 3C: note the commit index, and make sure that this server leads
    pub fn read_index(self: &Arc<Self>) -> Option<u64> {
        let mut state = self.state.lock();
        let (term, index) = (state.current_term, state.commit_index);
        let leads = matches!(state.role, Role::Leader { .. });
        let can_read = leads && state.log.term_at(index) == Some(term);
        (can_read && self.confirm(&mut state, term)).then_some(index)
    }

    /// Adds a server to the cluster (section 6; dissertation, section 4.1). Returns at once: whether this server leads, and
    /// will try. It does not if that server is a member, or if another change is not finished. The new server counts only
    /// when it has caught up; if that takes too long, nothing changes.
    // 2F: bring the server up to date, and put the new members into the log
    pub fn add_server(self: &Arc<Self>, server: usize) -> bool {
        self.change_members(server, true)
    }

    /// Removes a server from the cluster; it may be the leader. Returns at once: whether this server leads, and will try. It
    /// does not if that server is no member, or the last one, or if another change is not finished.
    // 2F: put the new members into the log
    pub fn remove_server(self: &Arc<Self>, server: usize) -> bool {
        self.change_members(server, false)
    }

    /// The members of the cluster, in order, as far as this server knows that they are committed.
    // 2F: answer from the log
    pub fn members(&self) -> Vec<usize> {
        let state = self.state.lock();
        state.log.members_at(state.commit_index).clone()
    }

    /// Stops this server. Its threads end soon, provided that the receiver of the apply channel keeps
    /// receiving or is dropped.
    // 2A: let every thread of this server end
    pub fn kill(&self) {
        let mut state = self.state.lock();
        state.killed = true;
        state.role = Role::Follower;
        self.alarm.notify_all();
        self.news.notify_all();
        // 3C
        self.confirmed.notify_all();
    }

    /// Handles RequestVote (Figure 2).
    // 2A: decide about the vote
    pub fn request_vote(&self, args: RequestVoteArgs) -> RequestVoteReply {
        let mut state = self.state.lock();
        // 3C
        if state.has_leader() && !args.is_successor {
            // The leader may count on this server: its lease ends later.
            return RequestVoteReply { term: state.current_term, vote_granted: false };
        }
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
    }

    /// Handles AppendEntries (Figure 2).
    // 2A: follow the leader; in 2B, make this log like the leader's
    pub fn append_entries(&self, args: AppendEntriesArgs) -> AppendEntriesReply {
        let mut state = self.state.lock();
        if !self.follow(&mut state, args.term) {
            return AppendEntriesReply { term: state.current_term, conflict: None, success: false };
        }
        let term = state.current_term;
        // 2B
        if let Some(conflict) = self.take_entries(&mut state, args) {
            return AppendEntriesReply { term, conflict: Some(conflict), success: false };
        }
        AppendEntriesReply { term, conflict: None, success: true }
    }

    /// Handles InstallSnapshot (Figure 13).
    // 2D: replace the state by the snapshot, unless this server has committed more
    pub fn install_snapshot(&self, args: InstallSnapshotArgs) -> InstallSnapshotReply {
        let mut state = self.state.lock();
        let index = args.last_included_index;
        if self.follow(&mut state, args.term) && index > state.commit_index {
            state.log.rebase(index, args.last_included_term);
            // 2F
            state.install_members(index, args.members);
            state.commit_index = index;
            self.persist_with(&state, args.data.clone());
            let term = args.last_included_term;
            state.pending_snapshot = Some(ApplyMsg::Snapshot { index, term, data: args.data });
            self.news.notify_one();
        }
        InstallSnapshotReply { term: state.current_term }
    }
}

/// What servers do in every role.
impl Raft {
    fn others(&self, state: &State) -> Vec<usize> {
        let mut others = state.servers.clone();
        // 2F
        others.extend(state.newcomer());
        others.retain(|server| *server != self.me);
        others
    }

    /// Becomes a follower if `term` is newer than the current one (Figure 2, Rules for All Servers).
    fn observe_term(&self, state: &mut State, term: Term) {
        if term > state.current_term {
            if matches!(state.role, Role::Leader { .. }) {
                // Its deadline is from before it led.
                state.await_leader();
            }
            state.current_term = term;
            state.voted_for = None;
            state.role = Role::Follower;
            // 2E
            state.must_stand = false;
            self.persist(state);
        }
    }

    /// Follows the leader of `term`. `false` if that term is over.
    fn follow(&self, state: &mut State, term: Term) -> bool {
        self.observe_term(state, term);
        if term < state.current_term {
            return false;
        }
        state.role = Role::Follower;
        state.await_leader();
        // 2E
        state.leader_heard = Some(Instant::now());
        // 2E
        state.canvass = None;
        true
    }

    /// Appends the leader's entries, and commits what the leader has committed. Returns where the logs
    /// differ if the entries do not fit onto this log.
    fn take_entries(&self, state: &mut State, args: AppendEntriesArgs) -> Option<Conflict> {
        let conflict = state.log.conflict(args.prev_log_index, args.prev_log_term);
        if conflict.is_some() {
            return conflict;
        }
        let last_new = args.prev_log_index + args.entries.len() as Index;
        let has_changed = state.log.merge(args.prev_log_index, args.entries);
        // 2F
        state.take_members(args.members);
        if has_changed {
            self.persist(state);
        }
        if args.leader_commit.min(last_new) > state.commit_index {
            state.commit_index = args.leader_commit.min(last_new);
            self.news.notify_one();
        }
        None
    }

    /// Saves what must survive a crash, before any other server learns of it (Figure 2).
    fn persist(&self, state: &State) {
        // 2C
        self.persister.save_state(state.encode());
    }

    fn persist_with(&self, state: &State, snapshot: Vec<u8>) {
        self.persister.save_state_and_snapshot(state.encode(), snapshot);
    }
}

impl State {
    /// The state of a server that starts.
    fn restore(persister: &Persister, servers: Vec<usize>) -> State {
        let mut state = State {
            current_term: 0,
            voted_for: None,
            log: Log::default(),
            servers,
            role: Role::Follower,
            commit_index: 0,
            last_applied: 0,
            election_deadline: Instant::now(),
            pending_snapshot: None,
            killed: false,
            // 2E
            leader_heard: None,
            // 2E
            canvass: None,
            // 2E
            transfer: None,
            // 2E
            must_stand: false,
            // 3C
            is_successor: false,
            // 2F
            change: None,
        };
        // 2F
        state.install_members(0, state.servers.clone());
        // 2C
        state.load(&persister.state());
        // 2F
        state.adopt_members();
        // 3C
        if state.current_term > 0 {
            // A leader may count on what this server said before it crashed.
            state.leader_heard = Some(Instant::now());
        }
        state.await_leader();
        state
    }

    /// Takes over what was saved, if anything was. What a snapshot includes was committed and applied.
    fn load(&mut self, saved: &[u8]) {
        if !saved.is_empty() {
            (self.current_term, self.voted_for, self.log) =
                labgob::decode(saved).expect("the disk holds what this server has saved");
            self.commit_index = self.log.base_index;
            self.last_applied = self.log.base_index;
        }
    }

    fn encode(&self) -> Vec<u8> {
        labgob::encode(&(self.current_term, self.voted_for, &self.log))
    }

    /// Waits for a leader for another election timeout.
    fn await_leader(&mut self) {
        self.election_deadline = Instant::now() + rand::rng().random_range(ELECTION_TIMEOUT);
    }

    fn is_majority(&self, count: usize) -> bool {
        count > self.servers.len() / 2
    }

    /// What the leader of `term` knows about a server, as long as this server is that leader.
    fn follower(&mut self, term: Term, peer: usize) -> Option<&mut Progress> {
        match &mut self.role {
            Role::Leader { followers } if self.current_term == term => Some(&mut followers[peer]),
            _ => None,
        }
    }
}
