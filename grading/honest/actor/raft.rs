//! Raft as an actor. One thread owns the whole state; everything else sends it events.
//!
//! There are no locks. A method of [`Raft`] puts an event into the mailbox and, if it has a result, waits
//! for it on a channel of its own. The actor takes all events that have come, saves once, and only then
//! lets anything out: replies, calls, and what the service is to apply.

mod actor;
mod leader;
mod log;

use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread;

use labrpc::{ClientEnd, Service};
use serde::{Deserialize, Serialize};

use crate::apply::{ApplyMsg, Index, Started, Term};
use crate::persister::Persister;
use actor::{Actor, Event};
use log::{Conflict, Entry};

/// One server of a Raft cluster.
pub struct Raft {
    mailbox: Sender<Event>,
}

/// The arguments of the RequestVote RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestVoteArgs {
    term: Term,
    candidate: usize,
    last_index: Index,
    last_term: Term,
}

/// The reply of the RequestVote RPC.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RequestVoteReply {
    term: Term,
    granted: bool,
}

/// The arguments of the AppendEntries RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppendEntriesArgs {
    term: Term,
    prev_index: Index,
    prev_term: Term,
    entries: Vec<Entry>,
    commit: Index,
}

/// The reply of the AppendEntries RPC.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct AppendEntriesReply {
    term: Term,
    success: bool,
    conflict: Option<Conflict>,
}

/// The arguments of the InstallSnapshot RPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InstallSnapshotArgs {
    term: Term,
    index: Index,
    index_term: Term,
    #[serde(with = "serde_bytes")]
    data: Vec<u8>,
}

/// The reply of the InstallSnapshot RPC.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct InstallSnapshotReply {
    term: Term,
}

impl Raft {
    /// Starts server `me` from what it has saved.
    pub fn make(
        peers: Vec<ClientEnd>,
        me: usize,
        persister: Arc<Persister>,
        apply_ch: crossbeam_channel::Sender<ApplyMsg>,
    ) -> Arc<Raft> {
        let (mailbox, events) = mpsc::channel();
        let (service, messages) = mpsc::channel();
        // The actor must not wait for the service: this thread does.
        thread::spawn(move || messages.into_iter().try_for_each(|message| apply_ch.send(message)));
        let actor = Actor::new(peers, me, persister, mailbox.clone(), service);
        thread::spawn(move || actor.run(&events));
        Arc::new(Raft { mailbox })
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
        self.ask(Event::GetState).unwrap_or_default()
    }

    /// Proposes a command. `None` if this server is not the leader.
    pub fn start(self: &Arc<Self>, command: Vec<u8>) -> Option<Started> {
        self.ask(|reply| Event::Start(command, reply)).flatten()
    }

    /// The service has a snapshot of everything up to `index`.
    pub fn snapshot(&self, index: u64, snapshot: Vec<u8>) {
        let _ = self.mailbox.send(Event::Snapshot(index, snapshot));
    }

    /// Stops this server.
    pub fn kill(&self) {
        let _ = self.mailbox.send(Event::Kill);
    }

    /// Handles RequestVote.
    pub fn request_vote(&self, args: RequestVoteArgs) -> RequestVoteReply {
        self.ask(|reply| Event::RequestVote(args, reply)).unwrap_or_default()
    }

    /// Handles AppendEntries.
    pub fn append_entries(&self, args: AppendEntriesArgs) -> AppendEntriesReply {
        self.ask(|reply| Event::AppendEntries(args, reply)).unwrap_or_default()
    }

    /// Handles InstallSnapshot.
    pub fn install_snapshot(&self, args: InstallSnapshotArgs) -> InstallSnapshotReply {
        self.ask(|reply| Event::InstallSnapshot(args, reply)).unwrap_or_default()
    }

    /// Sends an event and waits for its result. `None` if the actor has ended.
    fn ask<R>(&self, event: impl FnOnce(Sender<R>) -> Event) -> Option<R> {
        let (reply, result) = mpsc::channel();
        self.mailbox.send(event(reply)).ok()?;
        result.recv().ok()
    }
}
