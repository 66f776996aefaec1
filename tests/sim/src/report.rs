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

/// Takes off the calls that belong to the simulation, from the innermost to the one by which the thread
/// has come here: a symbol of libc that is defined here, or this crate's front door.
pub(crate) fn without_simulation(mut frames: Vec<Frame>) -> Vec<Frame> {
    let doors = ["sim/src/linux/symbols.rs", "sim/src/lib.rs"];
    for door in doors {
        let is_door = |frame: &Frame| frame.file.ends_with(door);
        if let Some(first) = frames.iter().position(is_door) {
            let last = first + frames[first..].iter().take_while(|frame| is_door(frame)).count();
            frames.drain(..last);
            break;
        }
    }
    frames
}

/// What a thread that sleeps in a futex waits for, by the code that has brought it there.
pub(crate) fn describe_futex(frames: &[Frame]) -> &'static str {
    // A barrier is made from a condition, that from a mutex, and a channel parks: what comes first
    // says more.
    const SIGNS: [(&str, &str); 9] = [
        ("barrier", "waits at a barrier"),
        ("condvar", "waits for a condition"),
        ("crossbeam-channel", "waits on a channel"),
        ("/mpmc/", "waits on a channel"),
        ("mutex", "waits for a lock"),
        ("rwlock", "waits for a lock"),
        ("/once", "waits for an initialisation"),
        ("scoped.rs", "waits for the end of scoped threads"),
        ("park", "is parked"),
    ];
    let is_library = |frame: &&Frame| {
        ["/library/std/", "/library/core/", "/parking_lot", "/lock_api-", "/crossbeam-"]
            .iter()
            .any(|folder| frame.file.contains(folder))
    };
    let files: Vec<&str> =
        frames.iter().take_while(is_library).map(|frame| frame.file.as_str()).collect();
    let found = SIGNS.iter().find(|(sign, _)| files.iter().any(|file| file.contains(sign)));
    found.map_or("waits for another thread", |(_, meaning)| meaning)
}
