//! Raft, and what it applies.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use labrpc::ClientEnd;
use protocol::{Applied, Index, Started};
use raft::{ApplyMsg, Persister};

/// Makes the Raft of a server. If members change, only the first ones are in its cluster at first.
pub(crate) fn make_raft(
    peers: Vec<ClientEnd>,
    me: usize,
    persister: Arc<Persister>,
    apply_ch: Sender<ApplyMsg>,
    members: Option<usize>,
) -> Arc<raft::Raft> {
    match members {
        None => raft::Raft::make(peers, me, persister, apply_ch),
        Some(count) => {
            let members = (0..count).collect();
            raft::Raft::make_with_members(peers, me, persister, apply_ch, members)
        }
    }
}

/// The Raft of a server.
pub(crate) struct Raft(pub(crate) Arc<raft::Raft>);

impl node::Raft for Raft {
    fn start(&self, command: Vec<u8>) -> Option<Started> {
        let started = self.0.start(command)?;
        Some(Started { index: started.index, term: started.term })
    }

    fn transfer_leadership(&self, to: usize) -> bool {
        self.0.transfer_leadership(to)
    }

    fn add_server(&self, server: usize) -> bool {
        self.0.add_server(server)
    }

    fn remove_server(&self, server: usize) -> bool {
        self.0.remove_server(server)
    }

    fn members(&self) -> Vec<usize> {
        self.0.members()
    }

    fn get_state(&self) -> (u64, bool) {
        self.0.get_state()
    }

    fn snapshot(&self, index: Index, data: Vec<u8>) {
        self.0.snapshot(index, data);
    }
}

/// What optional stages ask for, for solutions that do not have it.
///
/// A method of the type itself goes before one of a trait, whether it takes `&self` or `self: &Arc<Self>`. So a solution
/// of the other stages compiles as it is.
pub trait Unwritten {
    /// 2E.
    ///
    /// # Panics
    ///
    /// Always: there is nothing to call.
    fn transfer_leadership(&self, _to: usize) -> bool {
        unimplemented!("2E: write Raft::transfer_leadership, as the assignment says")
    }

    /// 2F.
    ///
    /// # Panics
    ///
    /// Always.
    fn make_with_members(
        _peers: Vec<ClientEnd>,
        _me: usize,
        _persister: Arc<Persister>,
        _apply_ch: Sender<ApplyMsg>,
        _members: Vec<usize>,
    ) -> Arc<raft::Raft> {
        unimplemented!("2F: write Raft::make_with_members, as the assignment says")
    }

    /// 2F.
    ///
    /// # Panics
    ///
    /// Always.
    fn add_server(&self, _server: usize) -> bool {
        unimplemented!("2F: write Raft::add_server, as the assignment says")
    }

    /// 2F.
    ///
    /// # Panics
    ///
    /// Always.
    fn remove_server(&self, _server: usize) -> bool {
        unimplemented!("2F: write Raft::remove_server, as the assignment says")
    }

    /// 2F.
    ///
    /// # Panics
    ///
    /// Always.
    fn members(&self) -> Vec<usize> {
        unimplemented!("2F: write Raft::members, as the assignment says")
    }
}

impl Unwritten for raft::Raft {}

/// What a Raft applies.
pub(crate) struct ApplyChannel(pub(crate) Receiver<ApplyMsg>);

impl node::ApplyChannel for ApplyChannel {
    fn receive(&self) -> Option<Applied> {
        Some(match self.0.recv().ok()? {
            ApplyMsg::Command { index, command } => Applied::Command { index, command },
            ApplyMsg::Snapshot { index, term, data } => Applied::Snapshot { index, term, data },
        })
    }

    fn try_receive(&self) -> bool {
        self.0.try_recv().is_ok()
    }
}
