//! The servers of the key/value service: one of the two files that students write in Lab 3.
//!
//! One thread of each server, its *owner*, has all of the server's state to itself, so there is no lock. All that
//! happens reaches it by channels: what clerks ask for, what Raft applies, and the ticks of a clock. An RPC handler
//! hands its request to the owner, and waits on a channel of its own for the answer. If that channel closes
//! instead, this server cannot help: it does not lead, has lost its office meanwhile, or was killed.
//!
//! This file holds the RPCs and the interface, `owner` the thread, and `store` what all servers do alike with the
//! commands in the log.

mod owner;
mod store;

use std::sync::Arc;

use crossbeam_channel::{Sender, bounded, unbounded};
use labrpc::{ClientEnd, Service};
use raft::{Persister, Raft};

use owner::{Message, Owner};
use store::{Answer, Operation, Store};

pub use store::{Change, ClerkId, Write};

/// One server of the key/value service.
pub struct KvServer {
    raft: Arc<Raft>,
    owner: Sender<Message>,
}

impl KvServer {
    /// Starts server `me` of a service from the state that it saved before, if any. Returns at once.
    ///
    /// `peers` holds a client end to every server, this one included, and `persister` is this server's
    /// disk; both are for Raft. As soon as Raft's state takes more than `max_raft_state` bytes on disk, the
    /// service takes a snapshot; `None` means never.
    pub fn start(
        peers: Vec<ClientEnd>,
        me: usize,
        persister: Arc<Persister>,
        max_raft_state: Option<usize>,
    ) -> Arc<KvServer> {
        // Raft begins after the snapshot that is on the disk now, so it is read before Raft can replace it.
        let store = Store::restore(&persister.snapshot());
        let (apply, applied) = bounded(0);
        let raft = Raft::make(peers, me, persister.clone(), apply);
        let (owner, messages) = unbounded();
        Owner::spawn(me, raft.clone(), persister, max_raft_state, store, messages, applied);
        Arc::new(KvServer { raft, owner })
    }

    /// The Raft of this server.
    pub fn raft(&self) -> &Arc<Raft> {
        &self.raft
    }

    /// The RPC methods of this server, one line each. Those of its Raft are registered beside them.
    ///
    /// Each of them returns when the operation has been executed. `None` means that this server cannot say that it
    /// was, or ever will be.
    pub fn rpc_service(self: &Arc<Self>) -> Service<KvServer> {
        Service::new("KvServer", self.clone())
            .method("Register", KvServer::register)
            .method("Read", KvServer::read)
            .method("Write", KvServer::write)
    }

    /// Handles Register: finds an identity for a clerk that no other clerk has, or ever gets.
    pub fn register(&self, (): ()) -> Option<ClerkId> {
        match self.ask(Operation::Register)? {
            Answer::Registered(clerk) => Some(clerk),
            other => unreachable!("Register is answered with {other:?}"),
        }
    }

    /// Handles Read: the value of a key.
    pub fn read(&self, key: String) -> Option<String> {
        match self.ask(Operation::Read(key))? {
            Answer::Value(value) => Some(value),
            other => unreachable!("Read is answered with {other:?}"),
        }
    }

    /// Handles Write: changes the value of a key, unless the same write has changed it before.
    pub fn write(&self, write: Write) -> Option<()> {
        match self.ask(Operation::Write(write))? {
            Answer::Written => Some(()),
            other => unreachable!("Write is answered with {other:?}"),
        }
    }

    /// Has the owner execute an operation, and waits for its answer.
    fn ask(&self, operation: Operation) -> Option<Answer> {
        let (reply, answer) = bounded(1);
        self.owner.send(Message::Request { operation, reply }).ok()?;
        answer.recv().ok()
    }

    /// Stops this server: its threads end soon, and no handler waits any longer.
    pub fn kill(&self) {
        self.raft.kill();
        // If the owner has ended before, there is nobody left to stop.
        let _ = self.owner.send(Message::Stop);
    }
}
