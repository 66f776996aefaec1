//! What threads are at, for failure messages.

use std::time::Duration;

/// A call on a thread's stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The function's path, such as `raft::raft::Raft::start`; empty if unknown.
    pub function: String,
    /// The source file; empty if unknown.
    pub file: String,
    /// The line in the file, from 1; 0 if unknown.
    pub line: u32,
}

/// What one thread is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadReport {
    /// Threads are numbered from 0 in the order they are made, in every run of a seed alike.
    pub number: u64,
    /// Its name, as far as the system keeps it: 15 bytes.
    pub name: String,
    /// Who it works for; see [`as_owner`](crate::as_owner).
    pub owner: Option<u32>,
    /// What it waits for, such as "waits for a lock".
    pub waits: String,
    /// How long it has waited, in virtual time.
    pub waited: Duration,
    /// Where it is, innermost first.
    pub frames: Vec<Frame>,
}

/// Why a simulation cannot go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stall {
    /// Every thread waits, and none of them for the time: nothing can ever happen.
    Deadlock,
    /// The program does this in a way that the simulation does not see, with a Rust or a libc that goes
    /// other ways than those known here.
    Unseen(&'static str),
    /// The limit of virtual time has come, and threads are still at work.
    OutOfTime,
    /// A thread uses the processor and never blocks, so no other can run.
    Spin(ThreadReport),
    /// A thread is stuck in the operating system, where the simulation does not reach.
    Outside(ThreadReport),
}
