//! Why a simulation cannot go on, and what its threads are at.

use std::fmt::Write;
use std::time::Duration;

use records::Class;
use sim::{Frame, Stall, ThreadReport};

use crate::child::fail;
use crate::verdict::Failure;

/// Where the code under test is.
const SUBMISSION: &str = "raft/src/";

/// How many of a thread's calls are shown, the innermost ones.
const FRAMES: usize = 4;

/// How many threads are shown that differ in what they are at.
const GROUPS: usize = 12;

/// What a thread waits for that makes a call.
const REPLY: &str = "waits for a reply";

/// Fails the test because its simulation cannot go on.
pub(crate) fn report(stall: Stall) -> ! {
    fail(match stall {
        Stall::Deadlock => Failure::new(
            Class::Deadlock,
            "some thread can go on, now or later".to_owned(),
            "every thread waits for another, and none for the time".to_owned(),
        ),
        Stall::Unseen(what) => Failure::new(
            Class::Fault,
            "the simulation sees whatever the program does; tests do run without --sim".to_owned(),
            format!("with this version of Rust or of the system's C library, the program {what} unseen"),
        ),
        Stall::OutOfTime => Failure::new(
            Class::Livelock,
            "the test ends within its limit of virtual time".to_owned(),
            "its threads are still at work, without end".to_owned(),
        ),
        Stall::Spin(thread) => Failure::new(
            Class::Spin,
            "a thread that waits for something blocks: on a lock, a condition, a channel, or in a sleep"
                .to_owned(),
            format!("a thread has run for seconds and never blocked\n{}", show_thread(&thread)),
        ),
        // The harness's own threads have no owner.
        Stall::Outside(thread) => Failure::new(
            if thread.owner.is_some() { Class::Forbidden } else { Class::Fault },
            "no thread waits for the operating system".to_owned(),
            format!("a thread does, where a simulation cannot follow\n{}", show_thread(&thread)),
        ),
    })
}

/// What the threads of the code under test are at; empty outside of a simulation.
pub(crate) fn show_threads() -> String {
    let mut threads = sim::threads();
    threads.retain(|thread| thread.frames.iter().any(is_submission));
    threads.sort_by_key(|thread| (is_usual(thread), std::cmp::Reverse(thread.waited)));
    let mut groups: Vec<(&ThreadReport, usize)> = Vec::new();
    for thread in &threads {
        match groups.iter_mut().find(|(other, _)| is_alike(thread, other)) {
            Some((_, count)) => *count += 1,
            None => groups.push((thread, 1)),
        }
    }
    let mut text = String::new();
    for (thread, count) in groups.iter().take(GROUPS) {
        text.push_str(&show_thread(thread));
        if *count > 1 {
            let _ = writeln!(text, "    and {} more like it", count - 1);
        }
    }
    if groups.len() > GROUPS {
        let rest: usize = groups[GROUPS..].iter().map(|(_, count)| count).sum();
        let _ = writeln!(text, "  and {rest} more threads");
    }
    if text.is_empty() { text } else { format!("threads of the servers\n{text}") }
}

/// Whether a thread waits as threads of a healthy server do most of the time.
fn is_usual(thread: &ThreadReport) -> bool {
    let waits = what(thread);
    waits == REPLY || waits == "sleeps" || waits == "waits for a condition"
}

fn is_alike(one: &ThreadReport, other: &ThreadReport) -> bool {
    let calls = |thread: &ThreadReport| -> Vec<Frame> {
        thread.frames.iter().filter(|frame| is_submission(frame)).take(FRAMES).cloned().collect()
    };
    one.owner == other.owner && what(one) == what(other) && calls(one) == calls(other)
}

/// What a thread waits for, in words that also know the network.
fn what(thread: &ThreadReport) -> &str {
    let mut inner = thread.frames.iter().take_while(|frame| !is_submission(frame));
    if inner.any(|frame| frame.file.contains("labrpc/src/")) { REPLY } else { &thread.waits }
}

fn show_thread(thread: &ThreadReport) -> String {
    let owner = thread.owner.map_or(String::new(), |owner| format!("server {owner}, "));
    let name = match thread.name.as_str() {
        "" => String::new(),
        name => format!(" ({name})"),
    };
    let waited = match thread.waited {
        Duration::ZERO => String::new(),
        waited => format!(", for {:.3} s", waited.as_secs_f64()),
    };
    let number = thread.number;
    let mut text = format!("  {owner}thread {number}{name} {}{waited}\n", what(thread));
    let own = thread.frames.iter().filter(|frame| is_submission(frame));
    for frame in own.take(FRAMES) {
        let _ = writeln!(text, "    {}:{}  {}", place(frame), frame.line, short_name(frame));
    }
    text
}

fn is_submission(frame: &Frame) -> bool {
    frame.file.contains(SUBMISSION)
}

/// The file from the crate's folder on.
fn place(frame: &Frame) -> &str {
    frame.file.find(SUBMISSION).map_or(&frame.file, |start| &frame.file[start..])
}

/// The function with the type it belongs to, without modules and type parameters.
fn short_name(frame: &Frame) -> String {
    let name = frame.function.trim_start_matches('<').replacen('>', "", 1);
    let plain = name.split('<').next().unwrap_or_default();
    let parts: Vec<&str> = plain.split("::").collect();
    parts[parts.len().saturating_sub(2)..].join("::")
}
