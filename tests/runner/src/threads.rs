//! What the threads of the servers wait for.

use std::cmp::Reverse;
use std::fmt::Write;
use std::time::Duration;

use sim::{Frame, ThreadReport};

/// The folders of the submission. A path in `kvraft` contains two of them: the one further left counts.
const SUBMISSION: [&str; 3] = ["kvraft/src/", "raft/src/", "shardkv/src/"];

/// How many of a thread's calls are shown, the innermost ones.
const FRAMES: usize = 4;

/// How many groups of like threads are shown.
const GROUPS: usize = 12;

/// What a thread waits for during an RPC.
const REPLY: &str = "waits for a reply";

/// Whether a thread runs code of the submission.
pub fn runs_submission(thread: &ThreadReport) -> bool {
    thread.frames.iter().any(is_submission)
}

/// Describes threads, each with the server that it belongs to, such as "server 2": those that run code of
/// the submission, with unusual waits first. Empty if there are none.
pub fn describe_threads(threads: &[(String, ThreadReport)]) -> String {
    let mut threads: Vec<&(String, ThreadReport)> =
        threads.iter().filter(|(_, thread)| runs_submission(thread)).collect();
    threads.sort_by_key(|(_, thread)| (is_usual(thread), Reverse(thread.waited)));
    let mut groups: Vec<(&(String, ThreadReport), usize)> = Vec::new();
    for thread in threads {
        match groups.iter_mut().find(|(other, _)| is_alike(thread, other)) {
            Some((_, count)) => *count += 1,
            None => groups.push((thread, 1)),
        }
    }
    let mut text = String::new();
    for ((server, thread), count) in groups.iter().take(GROUPS) {
        text.push_str(&describe_thread(server, thread));
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

/// What one thread waits for, and where in the submission. `server` is the server that it belongs to; it may
/// be empty.
pub fn describe_thread(server: &str, thread: &ThreadReport) -> String {
    let owner = if server.is_empty() { String::new() } else { format!("{server}, ") };
    let name = match thread.name.as_str() {
        "" => String::new(),
        name => format!(" ({name})"),
    };
    let waited = match thread.waited {
        Duration::ZERO => String::new(),
        waited => format!(", for {:.3} s", waited.as_secs_f64()),
    };
    let number = thread.number;
    let mut text = format!("  {owner}thread {number}{name} {}{waited}\n", wait(thread));
    let own = thread.frames.iter().filter_map(|frame| place(frame).zip(Some(frame)));
    for (place, frame) in own.take(FRAMES) {
        let _ = writeln!(text, "    {place}:{}  {}", frame.line, short_name(frame));
    }
    text
}

/// Whether a thread waits as most threads of a healthy server do.
fn is_usual(thread: &ThreadReport) -> bool {
    [REPLY, "sleeps", "waits for a condition"].contains(&wait(thread))
}

fn is_alike(one: &(String, ThreadReport), other: &(String, ThreadReport)) -> bool {
    let ((server, one), (other_server, other)) = (one, other);
    let calls = |thread: &ThreadReport| -> Vec<Frame> {
        thread.frames.iter().filter(|frame| is_submission(frame)).take(FRAMES).cloned().collect()
    };
    server == other_server && wait(one) == wait(other) && calls(one) == calls(other)
}

/// What a thread waits for: what the simulation says, unless it is inside the network.
fn wait(thread: &ThreadReport) -> &str {
    let mut inner = thread.frames.iter().take_while(|frame| !is_submission(frame));
    if inner.any(|frame| frame.file.contains("labrpc/src/")) { REPLY } else { &thread.waits }
}

fn is_submission(frame: &Frame) -> bool {
    place(frame).is_some()
}

/// The file of the submission, from its crate's folder on; `None` for other code.
fn place(frame: &Frame) -> Option<&str> {
    let starts = SUBMISSION.iter().filter_map(|folder| frame.file.find(folder));
    starts.min().map(|start| &frame.file[start..])
}

/// The function with its type, without modules and type parameters.
fn short_name(frame: &Frame) -> String {
    let name = frame.function.trim_start_matches('<').replacen('>', "", 1);
    let plain = name.split('<').next().unwrap_or_default();
    let parts: Vec<&str> = plain.split("::").collect();
    parts[parts.len().saturating_sub(2)..].join("::")
}
