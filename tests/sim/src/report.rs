//! What threads are doing and why a simulation has stopped, for failure messages.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A call on a thread's stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The function's path, such as `raft::raft::Raft::start`; empty if unknown.
    pub function: String,
    /// The source file; empty if unknown.
    pub file: String,
    /// The line in the file, from 1; 0 if unknown.
    pub line: u32,
}

/// A thread is interrupted where it would not have to wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interruption {
    /// The virtual time.
    pub at: Duration,
    /// How long the thread pauses, at least.
    pub pause: Duration,
    /// Where it is, innermost call first.
    pub frames: Vec<Frame>,
}

/// What one thread is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadReport {
    /// Threads are numbered from 0 in the order of their creation, the same in every run of a seed.
    pub number: u64,
    /// Its name, cut off after 15 bytes as on Linux.
    pub name: String,
    /// What it waits for, such as [`ThreadReport::LOCK`].
    pub waits: String,
    /// How long it has waited, in virtual time.
    pub waited: Duration,
    /// Where it is, innermost call first.
    pub frames: Vec<Frame>,
}

impl ThreadReport {
    /// What it waits for if it wants a lock.
    pub const LOCK: &str = "waits for a lock";
    /// What it waits for at a condition variable.
    pub const CONDITION: &str = "waits for a condition";
    /// What it waits for if it wants to receive from a channel.
    pub const CHANNEL: &str = "waits on a channel";
    /// What it waits for until a time.
    pub const SLEEP: &str = "sleeps";
    /// What it does if it waits for nothing.
    pub const RUNS: &str = "could run";
    /// The same, if the simulation has interrupted it between two instructions.
    pub const INTERRUPTED: &str = "is interrupted for a moment";
}

/// Why a simulation cannot continue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stall {
    /// Every thread waits for another, and none has a deadline: nothing can ever happen.
    Deadlock,
    /// The program does this in a way that the simulation does not see. Its Rust or libc uses functions
    /// that are not known here.
    Unseen(String),
    /// The limit of virtual time is reached, and threads are still at work.
    OutOfTime,
    /// A thread uses the processor and never blocks, so no other can run.
    Spin(ThreadReport),
    /// A thread is stuck in the operating system, which is not simulated.
    Outside(ThreadReport),
}
