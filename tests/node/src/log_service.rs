//! The service of Lab 2: it remembers every command that Raft applies, and makes snapshots of them. What is
//! right, the judge decides: here anything is accepted.

use std::sync::Arc;

use protocol::{Applied, FromNode, Index};

use crate::connection::Connection;
use crate::submission::{ApplyChannel, Raft};

/// How often the service is interrupted when it gets a message, in a simulation: once in this many times.
const APPLY_INTERRUPTS: u32 = 4;

/// The service on one server, for one life of that server.
pub(crate) struct LogService {
    raft: Arc<dyn Raft>,
    messages: Arc<dyn ApplyChannel>,
    judge: Arc<Connection>,
    /// It makes a snapshot before each index that is a multiple of this.
    snapshot_interval: Option<u64>,
    commands: Commands,
}

/// The commands up to some index, the one at index 1 first.
#[derive(Default)]
struct Commands(Vec<Vec<u8>>);

impl LogService {
    /// A service that has the state of a snapshot, if that is one of its own.
    pub(crate) fn restore(
        snapshot: &[u8],
        snapshot_interval: Option<u64>,
        raft: Arc<dyn Raft>,
        messages: Arc<dyn ApplyChannel>,
        judge: Arc<Connection>,
    ) -> Self {
        let commands = Commands::decode(snapshot).unwrap_or_default();
        LogService { raft, messages, judge, snapshot_interval, commands }
    }

    /// Takes messages as long as Raft sends them.
    pub(crate) fn run(mut self) {
        while let Some(message) = self.messages.receive() {
            sim::interrupt(APPLY_INTERRUPTS);
            match message {
                Applied::Command { index, command } => self.apply(index, command),
                Applied::Snapshot { index, data } => self.install(index, data),
            }
        }
    }

    fn apply(&mut self, index: Index, command: Vec<u8>) {
        self.commands.put(index, &command);
        self.judge.send(&FromNode::Applied(Applied::Command { index, command }));
        let is_due = |interval: &u64| {
            index.checked_add(1).is_some_and(|next| next.is_multiple_of(*interval))
        };
        if self.snapshot_interval.as_ref().is_some_and(is_due) {
            let data = self.commands.encode(index);
            self.judge.send(&FromNode::SnapshotBegins(index));
            // Called from this thread on purpose: a Raft that holds its lock while it sends on the apply
            // channel deadlocks here.
            self.raft.snapshot(index, data);
            self.judge.send(&FromNode::SnapshotEnds);
        }
    }

    fn install(&mut self, index: Index, data: Vec<u8>) {
        if let Some(commands) = Commands::decode(&data) {
            self.commands = commands;
        }
        self.judge.send(&FromNode::Applied(Applied::Snapshot { index, data }));
    }
}

impl Commands {
    /// The commands in a snapshot; `None` if it is none.
    fn decode(snapshot: &[u8]) -> Option<Self> {
        let (_, commands): (Index, Vec<Vec<u8>>) = labgob::decode(snapshot).ok()?;
        Some(Commands(commands))
    }

    /// A snapshot of the commands up to `index`.
    fn encode(&self, index: Index) -> Vec<u8> {
        let count = usize::try_from(index).unwrap_or(usize::MAX).min(self.0.len());
        labgob::encode(&(index, &self.0[..count]))
    }

    /// Puts a command in its place. Where there is none, after a gap, it comes last.
    fn put(&mut self, index: Index, command: &[u8]) {
        let place = index.checked_sub(1).and_then(|place| usize::try_from(place).ok());
        match place.and_then(|place| self.0.get_mut(place)) {
            Some(known) => *known = command.to_vec(),
            None => self.0.push(command.to_vec()),
        }
    }
}
