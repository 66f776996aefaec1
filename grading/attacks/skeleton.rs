//! A Raft that does nothing, for attacks to begin in.

#![allow(unused)]

use std::fmt::Display;
use std::hint::black_box;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::Sender;
use labrpc::{ClientEnd, Service};

use crate::apply::{ApplyMsg, Started};
use crate::persister::Persister;

pub struct Raft {
    peers: Vec<ClientEnd>,
    me: usize,
    persister: Arc<Persister>,
    apply_ch: Sender<ApplyMsg>,
}

/// What an attack does when somebody calls the server. What it leaves out is silence.
trait Attack: Sized {
    fn made(self: &Arc<Self>) {}

    fn state(&self) -> (u64, bool) {
        (0, false)
    }

    fn started(self: &Arc<Self>, _command: Vec<u8>) -> Option<Started> {
        None
    }

    fn snapshotted(&self, _index: u64) {}

    fn killed(&self) {}

    /// Another server has called `Raft.Attack`.
    fn called(&self, message: Vec<u8>) -> Vec<u8> {
        message
    }
}

impl Raft {
    pub fn make(
        peers: Vec<ClientEnd>,
        me: usize,
        persister: Arc<Persister>,
        apply_ch: Sender<ApplyMsg>,
    ) -> Arc<Raft> {
        let raft = Arc::new(Raft { peers, me, persister, apply_ch });
        raft.made();
        raft
    }

    pub fn rpc_service(self: &Arc<Self>) -> Service<Raft> {
        Service::new("Raft", self.clone())
            .method("Attack", |raft: &Raft, message| raft.called(message))
    }

    pub fn get_state(&self) -> (u64, bool) {
        self.state()
    }

    pub fn start(self: &Arc<Self>, command: Vec<u8>) -> Option<Started> {
        self.started(command)
    }

    pub fn snapshot(&self, index: u64, _snapshot: Vec<u8>) {
        self.snapshotted(index);
    }

    pub fn kill(&self) {
        self.killed();
    }

    /// The others, each with its number.
    fn others(&self) -> impl Iterator<Item = (usize, &ClientEnd)> {
        self.peers.iter().enumerate().filter(|(number, _)| *number != self.me)
    }
}

/// Says that something was reached that must be out of reach.
fn gained(what: impl Display) -> ! {
    println!("@GAIN@: {what}");
    panic!("@GAIN@: {what}")
}

/// Says so if this has succeeded.
fn must_fail<T, E>(what: impl Display, result: Result<T, E>) {
    if result.is_ok() {
        gained(what);
    }
}

/// The grader's number among the processes of the machine.
fn grader() -> i32 {
    "@GRADER@".parse().expect("it is a number")
}
