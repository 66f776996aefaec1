//! What the threads of the servers wait for.

use std::cmp::Reverse;
use std::fmt::Write;
use std::time::Duration;

use recording::place_in_submission;
use sim::{Frame, ThreadReport};

use crate::locks::{self, Activity, Holder};

/// How many of a thread's calls are shown, the innermost ones: alone, and among other threads.
const FRAMES: usize = 4;
const FEW_FRAMES: usize = 2;

/// How many lines all threads together have, roughly.
const LINES: usize = 10;

/// For how long a thread waits for a lock at least before another one is said to hold it up.
const STUCK: Duration = Duration::from_secs(1);

/// A server and those of its threads that run the submission, in the order in which they matter.
struct Server<'a> {
    label: &'a str,
    threads: Vec<(Activity, &'a ThreadReport)>,
    holder: Option<Holder<'a>>,
}

/// Whether a thread runs code of the submission.
pub fn runs_submission(thread: &ThreadReport) -> bool {
    thread.frames.iter().any(is_submission)
}

/// Describes threads, each with the server that it belongs to, such as "server 2": those that run code of the
/// submission. First comes the server that the headline names, then those whose threads wait for a lock, and of each the
/// thread that probably holds it. Threads that wait for work are counted. Empty if there are none.
pub(crate) fn describe_threads(headline: &str, threads: &[(String, ThreadReport)]) -> String {
    let mut servers = servers(threads);
    servers.sort_by_key(|server| !names(headline, server.label));
    if servers.is_empty() {
        return String::new();
    }
    let is_about_locks = servers.iter().any(Server::is_stuck);
    let mut text = "threads of the servers\n".to_owned();
    let mut left_out = 0;
    for server in &servers {
        if is_about_locks && !server.is_stuck() {
            left_out += server.threads.len();
        } else {
            left_out += server.describe(&mut text);
        }
    }
    if left_out > 0 {
        let others = if text.lines().count() > 1 { "others" } else { "threads" };
        let _ =
            writeln!(text, "  {left_out} {others} wait for work, for replies, or as those above");
    }
    text
}

/// A sentence about the thread that holds up a server which a headline names, if one can tell.
pub(crate) fn blame(headline: &str, threads: &[(String, ThreadReport)]) -> Option<String> {
    let servers = servers(threads);
    let server = servers.iter().find(|server| names(headline, server.label))?;
    let wanting = server.count(Activity::WantsLock);
    if server.longest_wait_for_lock()? < STUCK {
        return None;
    }
    let Server { label, .. } = server;
    Some(match server.holder? {
        Holder::Probably(thread) => {
            let (number, wait) = (thread.number, wait(thread));
            let place = thread.frames.iter().find_map(|frame| place(frame).zip(Some(frame.line)));
            let place = place.map(|(file, line)| format!(" at {file}:{line}")).unwrap_or_default();
            if [ThreadReport::RUNS, ThreadReport::INTERRUPTED].contains(&wait) {
                let those = if wanting == 1 { "another waits" } else { "others wait" };
                return Some(format!(
                    "thread {number} of {label} does not pause{place}: it probably takes the lock that {those} \
                     for again and again"
                ));
            }
            let others = others(wanting);
            format!(
                "thread {number} of {label} {wait}{place}, and probably holds the lock that {others} for"
            )
        }
        Holder::OneOfThem if wanting == 1 => format!(
            "a thread of {label} waits for a lock that no other thread uses: it probably holds it already"
        ),
        Holder::OneOfThem => format!(
            "{wanting} threads of {label} wait for locks, and no other does anything: one probably locks a lock \
             that it holds already, or two each hold a lock that the other wants"
        ),
    })
}

/// Whether a text names a server, and not one whose number only begins like its.
fn names(text: &str, label: &str) -> bool {
    text.match_indices(label).any(|(start, _)| {
        !text[start + label.len()..].starts_with(|next: char| next.is_ascii_digit())
    })
}

fn others(count: usize) -> String {
    if count == 1 { "another waits".to_owned() } else { format!("{count} others wait") }
}

fn servers(threads: &[(String, ThreadReport)]) -> Vec<Server<'_>> {
    let mut servers: Vec<Server<'_>> = Vec::new();
    for (label, thread) in threads.iter().filter(|(_, thread)| runs_submission(thread)) {
        let thread = (locks::activity(thread, wait(thread)), thread);
        match servers.iter_mut().find(|server| server.label == label) {
            Some(server) => server.threads.push(thread),
            None => servers.push(Server { label, threads: vec![thread], holder: None }),
        }
    }
    for server in &mut servers {
        server.holder = locks::holder(&server.threads);
        let holder = server.holder;
        server.threads.sort_by_key(|(activity, thread)| {
            (holder != Some(Holder::Probably(thread)), *activity, Reverse(thread.waited))
        });
    }
    servers.sort_by_key(|server| Reverse(server.longest_wait_for_lock()));
    servers
}

impl Server<'_> {
    fn count(&self, wanted: Activity) -> usize {
        self.threads.iter().filter(|(activity, _)| *activity == wanted).count()
    }

    fn is_stuck(&self) -> bool {
        self.count(Activity::WantsLock) > 0
    }

    fn longest_wait_for_lock(&self) -> Option<Duration> {
        let wanting = self.threads.iter().filter(|(activity, _)| *activity == Activity::WantsLock);
        wanting.map(|(_, thread)| thread.waited).max()
    }

    /// Adds the threads that matter, as long as there is room. Returns how many are left out.
    fn describe(&self, text: &mut String) -> usize {
        let only_idle = self.threads.iter().all(|(activity, _)| *activity == Activity::Idle);
        let mut groups: Vec<(&ThreadReport, usize)> = Vec::new();
        let mut left_out = 0;
        for (activity, thread) in &self.threads {
            let other = groups.iter_mut().find(|(other, _)| is_alike(thread, other));
            match other {
                Some((_, count)) => *count += 1,
                None if *activity == Activity::Idle && !only_idle => left_out += 1,
                None => groups.push((thread, 1)),
            }
        }
        for (thread, count) in groups {
            if text.lines().count() > LINES {
                left_out += count;
                continue;
            }
            text.push_str(&describe(self.label, thread, FEW_FRAMES, self.note(thread).as_deref()));
            if count > 1 {
                let _ = writeln!(text, "    and {} more like it", count - 1);
            }
        }
        left_out
    }

    fn note(&self, thread: &ThreadReport) -> Option<String> {
        let is_holder = self.holder == Some(Holder::Probably(thread));
        let waiting = others(self.count(Activity::WantsLock));
        is_holder.then(|| format!("probably holds the lock that {waiting} for"))
    }
}

/// What one thread waits for, and where in the submission. `server` is the server that it belongs to; it may
/// be empty.
pub fn describe_thread(server: &str, thread: &ThreadReport) -> String {
    describe(server, thread, FRAMES, None)
}

fn describe(server: &str, thread: &ThreadReport, frames: usize, note: Option<&str>) -> String {
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
    if let Some(note) = note {
        let _ = writeln!(text, "    {note}");
    }
    let own = thread.frames.iter().filter_map(|frame| place(frame).zip(Some(frame)));
    for (place, frame) in own.take(frames) {
        let _ = writeln!(text, "    {place}:{}  {}", frame.line, short_name(frame));
    }
    text
}

fn is_alike(one: &ThreadReport, other: &ThreadReport) -> bool {
    let calls = |thread: &ThreadReport| -> Vec<Frame> {
        thread.frames.iter().filter(|frame| is_submission(frame)).take(FRAMES).cloned().collect()
    };
    wait(one) == wait(other) && calls(one) == calls(other)
}

fn wait(thread: &ThreadReport) -> &str {
    locks::wait(thread, is_submission)
}

fn is_submission(frame: &Frame) -> bool {
    place(frame).is_some()
}

/// The file of the submission, from its crate's folder on; `None` for other code.
fn place(frame: &Frame) -> Option<&str> {
    place_in_submission(&frame.file)
}

/// The function with its type, without modules and type parameters.
fn short_name(frame: &Frame) -> String {
    let name = frame.function.trim_start_matches('<').replacen('>', "", 1);
    let plain = name.split('<').next().unwrap_or_default();
    let parts: Vec<&str> = plain.split("::").collect();
    let name = parts[parts.len().saturating_sub(2)..].join("::");
    if name.starts_with("{closure") { "a closure".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thread of a server that waits so for some milliseconds, in a line of its Raft.
    fn thread(server: u64, number: u64, waits: &str, waited: u64) -> (String, ThreadReport) {
        let frame = Frame {
            function: "raft::Raft::work".to_owned(),
            file: "raft/src/raft.rs".to_owned(),
            line: number as u32,
        };
        let thread = ThreadReport {
            number,
            name: String::new(),
            waits: waits.to_owned(),
            waited: Duration::from_millis(waited),
            frames: vec![frame],
        };
        (format!("server {server}"), thread)
    }

    fn deadlock() -> Vec<(String, ThreadReport)> {
        vec![
            thread(1, 1, "sleeps", 9_000),
            thread(2, 2, "sleeps", 9_000),
            thread(2, 3, "waits for a lock", 5_000),
            thread(2, 4, "waits for a lock", 6_000),
            thread(2, 5, "is parked", 100),
        ]
    }

    #[test]
    fn the_thread_that_holds_up_the_others_comes_first() {
        let text = describe_threads("", &deadlock());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "  server 2, thread 5 is parked, for 0.100 s");
        assert_eq!(lines[2], "    probably holds the lock that 2 others wait for");
        assert_eq!(lines[4], "  server 2, thread 4 waits for a lock, for 6.000 s");
        assert_eq!(lines[6], "  server 2, thread 3 waits for a lock, for 5.000 s");
        assert!(lines[8].starts_with("  2 others wait for work"), "{text}");
        assert_eq!(lines.len(), 9);
    }

    #[test]
    fn the_server_of_the_headline_comes_first() {
        let mut threads = deadlock();
        threads.push(thread(12, 6, "waits for a lock", 1_000));
        threads.push(thread(12, 7, "is parked", 1_000));
        let first = |headline| {
            describe_threads(headline, &threads)
                .lines()
                .nth(1)
                .map(str::to_owned)
                .unwrap_or_default()
        };
        assert!(first("it has not returned on server 12 for 5 s").contains("server 12, thread 7"));
        assert!(first("it has not returned on server 1 for 5 s").contains("server 2, thread 5"));
    }

    #[test]
    fn threads_that_all_wait_for_work_are_shown() {
        let text = describe_threads("", &[thread(1, 1, "sleeps", 10), thread(1, 2, "sleeps", 20)]);
        assert!(text.contains("thread 1 sleeps") && text.contains("thread 2 sleeps"), "{text}");
    }

    #[test]
    fn many_threads_fit_on_the_screen() {
        let threads: Vec<_> = (0..50).map(|n| thread(1, n, "waits for a lock", n)).collect();
        let text = describe_threads("", &threads);
        assert!(text.lines().count() < 16, "{text}");
        assert!(
            text.ends_with("  45 others wait for work, for replies, or as those above\n"),
            "{text}"
        );
    }

    #[test]
    fn a_headline_blames_the_thread_of_its_server() {
        let blamed = blame("not returned on server 2 for 5 s", &deadlock()).expect("one can tell");
        assert_eq!(
            blamed,
            "thread 5 of server 2 is parked at raft/src/raft.rs:5, and probably holds the lock that 2 others wait for"
        );
        assert_eq!(blame("not returned on server 1 for 5 s", &deadlock()), None);
        let mut goes_on = deadlock();
        goes_on.iter_mut().for_each(|(_, thread)| thread.waited = STUCK / 2);
        assert_eq!(blame("server 2", &goes_on), None, "its threads get their locks in turn");
        let mut all_wait = deadlock();
        all_wait.pop();
        let blamed = blame("server 2", &all_wait).expect("one can tell");
        assert!(blamed.starts_with("2 threads of server 2 wait for locks"), "{blamed}");
        all_wait.push(thread(2, 7, ThreadReport::RUNS, 0));
        assert_eq!(
            blame("server 2", &all_wait).as_deref(),
            Some(
                "thread 7 of server 2 does not pause at raft/src/raft.rs:7: it probably takes the lock that others \
                 wait for again and again"
            )
        );
    }
}
