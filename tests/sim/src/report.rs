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
    /// A thread uses the processor and never blocks, so no other can run.
    Spin(ThreadReport),
    /// A thread is stuck in the operating system, where the simulation does not reach.
    Outside(ThreadReport),
}

/// What a thread that sleeps in a futex waits for, by the code that brought it there.
pub(crate) fn describe_futex(frames: &[Frame]) -> &'static str {
    const SIGNS: [(&str, &str); 9] = [
        ("condvar", "waits for a condition"),
        ("channel", "waits on a channel"),
        ("mpsc", "waits on a channel"),
        ("mpmc", "waits on a channel"),
        ("barrier", "waits at a barrier"),
        ("mutex", "waits for a lock"),
        ("rwlock", "waits for a lock"),
        ("once", "waits for an initialisation"),
        ("park", "is parked"),
    ];
    // A condition is waited for with a mutex in hand, a channel with a parked thread: what comes first
    // in the list says more.
    let is_primitive = |frame: &&Frame| {
        ["std::", "core::", "parking_lot", "crossbeam", "lock_api", "<", "syscall", "sim::"]
            .iter()
            .any(|start| frame.function.trim_start_matches('<').starts_with(start))
    };
    let names: Vec<String> = frames
        .iter()
        .skip_while(|frame| frame.function.contains("sim::"))
        .take_while(is_primitive)
        .map(|frame| frame.function.to_lowercase())
        .collect();
    let found = SIGNS.iter().find(|(sign, _)| names.iter().any(|name| name.contains(sign)));
    found.map_or("waits for another thread", |(_, meaning)| meaning)
}
