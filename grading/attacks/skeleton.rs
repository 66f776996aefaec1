//! A Raft that does nothing, for attacks to begin in: `attack` is called for each server.

use std::sync::Arc;

use crossbeam_channel::Sender;
use labrpc::{ClientEnd, Service};

use crate::apply::{ApplyMsg, Started};
use crate::persister::Persister;

pub struct Raft;

impl Raft {
    pub fn make(
        _peers: Vec<ClientEnd>,
        me: usize,
        _persister: Arc<Persister>,
        _apply_ch: Sender<ApplyMsg>,
    ) -> Arc<Raft> {
        attack(me);
        Arc::new(Raft)
    }

    pub fn rpc_service(self: &Arc<Self>) -> Service<Raft> {
        Service::new("Raft", self.clone())
    }

    pub fn get_state(&self) -> (u64, bool) {
        (0, false)
    }

    pub fn start(self: &Arc<Self>, _command: Vec<u8>) -> Option<Started> {
        None
    }

    pub fn snapshot(&self, _index: u64, _snapshot: Vec<u8>) {}

    pub fn kill(&self) {}
}
