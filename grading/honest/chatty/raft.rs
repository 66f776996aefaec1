//! Raft as a state machine without threads, clocks or network, and a thin shell that has all of them.
//!
//! [`node::Node`] decides; it is told what has happened and what time it is, and leaves what is to be done in
//! its outbox. The shell saves, calls, and applies. This Raft sends as much as the assignment allows: each
//! command at once, the news of each commit in a message of its own, and calls that fail again.

mod log;
mod messages;
mod node;
mod node_leader;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use labrpc::{ClientEnd, Service};
use parking_lot::{Condvar, Mutex};

use crate::apply::{ApplyMsg, Started};
use crate::persister::Persister;
use crate::thread_pool::ThreadPool;
pub use messages::{
    AppendEntriesArgs, AppendEntriesReply, InstallSnapshotArgs, InstallSnapshotReply,
    RequestVoteArgs, RequestVoteReply,
};
use messages::{Call, Outcome};
use node::{Node, Save};

/// One server of a Raft cluster.
pub struct Raft {
    peers: Vec<ClientEnd>,
    persister: Arc<Persister>,
    node: Mutex<Node>,
    /// Wakes the clock when the server is killed.
    killed: Condvar,
    /// To the thread that applies. `None` once the server is killed.
    to_apply: Mutex<Option<Sender<ApplyMsg>>>,
    calls: ThreadPool,
}

impl Raft {
    /// Starts server `me` from what it has saved.
    pub fn make(
        peers: Vec<ClientEnd>,
        me: usize,
        persister: Arc<Persister>,
        apply_ch: Sender<ApplyMsg>,
    ) -> Arc<Raft> {
        let node = Node::new(me, peers.len(), &persister.state(), Instant::now());
        let (to_apply, messages) = unbounded();
        let raft = Arc::new(Raft {
            peers,
            persister,
            node: Mutex::new(node),
            killed: Condvar::new(),
            to_apply: Mutex::new(Some(to_apply)),
            calls: ThreadPool::new(),
        });
        thread::spawn(move || apply(&messages, &apply_ch));
        let clock = raft.clone();
        thread::spawn(move || clock.keep_time());
        raft
    }

    /// The RPC methods of this server.
    pub fn rpc_service(self: &Arc<Self>) -> Service<Raft> {
        Service::new("Raft", self.clone())
            .method("RequestVote", Raft::request_vote)
            .method("AppendEntries", Raft::append_entries)
            .method("InstallSnapshot", Raft::install_snapshot)
    }

    /// The current term, and whether this server believes that it is the leader.
    pub fn get_state(&self) -> (u64, bool) {
        self.node.lock().state()
    }

    /// Proposes a command. `None` if this server is not the leader.
    pub fn start(self: &Arc<Self>, command: Vec<u8>) -> Option<Started> {
        self.act(|node| node.propose(command))
    }

    /// The service has a snapshot of everything up to `index`.
    pub fn snapshot(&self, index: u64, snapshot: Vec<u8>) {
        let mut node = self.node.lock();
        node.take_snapshot(index, snapshot);
        self.save(&mut node);
    }

    /// Stops this server.
    pub fn kill(&self) {
        self.node.lock().kill();
        self.killed.notify_all();
        *self.to_apply.lock() = None;
    }

    /// Handles RequestVote.
    pub fn request_vote(&self, args: RequestVoteArgs) -> RequestVoteReply {
        self.respond(|node| node.request_vote(&args, Instant::now()))
    }

    /// Handles AppendEntries.
    pub fn append_entries(&self, args: AppendEntriesArgs) -> AppendEntriesReply {
        self.respond(|node| node.append_entries(args, Instant::now()))
    }

    /// Handles InstallSnapshot.
    pub fn install_snapshot(&self, args: InstallSnapshotArgs) -> InstallSnapshotReply {
        self.respond(|node| node.install_snapshot(args, Instant::now()))
    }

    /// Has the node do something, and saves and applies what comes of it. A request never leads to calls.
    fn respond<R>(&self, request: impl FnOnce(&mut Node) -> R) -> R {
        let mut node = self.node.lock();
        let reply = request(&mut node);
        self.save(&mut node);
        self.pass_on(&mut node);
        reply
    }

    /// The same for what may lead to calls as well.
    fn act<R>(self: &Arc<Self>, action: impl FnOnce(&mut Node) -> R) -> R {
        let mut node = self.node.lock();
        let result = action(&mut node);
        self.save(&mut node);
        self.pass_on(&mut node);
        for (peer, call) in node.calls() {
            let raft = self.clone();
            self.calls.execute(move || raft.carry_out(peer, &call));
        }
        result
    }

    fn carry_out(self: &Arc<Self>, peer: usize, call: &Call) {
        let outcome = self.make_call(peer, call);
        self.act(|node| node.step(peer, call, outcome, Instant::now()));
    }

    fn save(&self, node: &mut Node) {
        match node.to_save() {
            Save::Nothing => {}
            Save::State(state) => self.persister.save_state(state),
            Save::All(state, snapshot) => self.persister.save_state_and_snapshot(state, snapshot),
        }
    }

    fn pass_on(&self, node: &mut Node) {
        if let Some(to_apply) = &*self.to_apply.lock() {
            for message in node.to_apply() {
                let _ = to_apply.send(message);
            }
        }
    }

    fn make_call(&self, peer: usize, call: &Call) -> Outcome {
        let end = &self.peers[peer];
        match call {
            Call::Vote(args) => Outcome::Vote(end.call("Raft.RequestVote", args)),
            Call::Append(args) => Outcome::Append(end.call("Raft.AppendEntries", args)),
            Call::Snapshot(term, base) => {
                // By now the disk may hold a newer one; then this call is not needed any more.
                let data = self.persister.snapshot();
                if self.node.lock().base() != *base {
                    return Outcome::Snapshot(None);
                }
                let args = InstallSnapshotArgs { term: *term, base: *base, data };
                Outcome::Snapshot(end.call("Raft.InstallSnapshot", &args))
            }
        }
    }

    /// Tells the node the time, every 20 ms.
    fn keep_time(self: Arc<Self>) {
        while !self.node.lock().is_killed() {
            self.act(|node| node.tick(Instant::now()));
            let mut node = self.node.lock();
            if !node.is_killed() {
                self.killed.wait_for(&mut node, Duration::from_millis(20));
            }
        }
    }
}

/// Passes messages on to the service, however long it takes.
fn apply(messages: &Receiver<ApplyMsg>, apply_ch: &Sender<ApplyMsg>) {
    for message in messages {
        if apply_ch.send(message).is_err() {
            return;
        }
    }
}
