//! The service of Lab 2: it remembers every command that Raft applies, and makes snapshots of them. What is
//! right, the judge decides: here anything is accepted.

use std::sync::Arc;
use std::thread;

use protocol::{Applied, FromNode, Index, ServicePlan, Term};
use rand::Rng;

use crate::applied::AppliedMessages;
use crate::connection::Connection;
use crate::orders::Orders;
use crate::submission::Raft;

/// How often the service is interrupted when it gets a message, in a simulation: once in this many times.
const APPLY_INTERRUPTS: u32 = 4;

/// How often a service that pauses does: once in this many messages, on average.
const MESSAGES_A_PAUSE: u32 = 16;

/// The service on one server, for one life of that server.
pub(crate) struct LogService {
    pub(crate) raft: Arc<dyn Raft>,
    pub(crate) messages: Arc<AppliedMessages>,
    pub(crate) judge: Arc<Connection>,
    pub(crate) plan: ServicePlan,
    pub(crate) orders: Arc<Orders>,
    pub(crate) commands: Commands,
}

/// The commands up to some index, the one at index 1 first.
#[derive(Default)]
pub(crate) struct Commands(Vec<Vec<u8>>);

impl LogService {
    /// Takes messages as long as Raft sends them.
    pub(crate) fn run(mut self) {
        while let Some(message) = self.messages.receive() {
            sim::interrupt(APPLY_INTERRUPTS);
            self.pause();
            match message {
                Applied::Command { index, command } => self.apply(index, command),
                Applied::Snapshot { index, term, data } => self.install(index, term, data),
            }
        }
    }

    /// Takes its time, now and then.
    fn pause(&self) {
        let longest = self.plan.longest_pause;
        if !longest.is_zero() && rand::rng().random_ratio(1, MESSAGES_A_PAUSE) {
            thread::sleep(rand::rng().random_range(longest / 4..=longest));
        }
    }

    fn apply(&mut self, index: Index, command: Vec<u8>) {
        self.commands.put(index, &command);
        self.judge.send(&FromNode::Applied(Applied::Command { index, command }));
        self.orders.await_permission(index);
        if self.orders.take_snapshot(index) || self.is_due(index) {
            let data = self.commands.encode(index);
            self.judge.send(&FromNode::SnapshotBegins(index));
            // Called from this thread on purpose: a Raft that holds its lock while it sends on the apply
            // channel deadlocks here.
            self.raft.snapshot(index, data);
            self.judge.send(&FromNode::SnapshotEnds);
        }
    }

    /// Whether the plan wants a snapshot at `index`.
    fn is_due(&self, index: Index) -> bool {
        let next = index.checked_add(1);
        let interval = self.plan.snapshot_interval;
        next.zip(interval).is_some_and(|(next, interval)| next.is_multiple_of(interval))
    }

    fn install(&mut self, index: Index, term: Term, data: Vec<u8>) {
        if let Some(commands) = Commands::decode(&data) {
            self.commands = commands;
        }
        self.judge.send(&FromNode::Applied(Applied::Snapshot { index, term, data }));
        self.orders.await_permission(index);
    }
}

impl Commands {
    /// The commands in a snapshot; none if it is no snapshot of the service.
    pub(crate) fn restore(snapshot: &[u8]) -> Self {
        Commands::decode(snapshot).unwrap_or_default()
    }

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
