//! The last things that happened, for the failure message.

use std::collections::VecDeque;
use std::fmt::Write;
use std::time::{Duration, Instant};

use labrpc::{Event, EventKind, Leg};
use linearizability::Note;
use parking_lot::Mutex;

use crate::runner::{Happening, record};

/// How many entries are kept. The heartbeats of a busy cluster make a hundred a second.
const CAPACITY: usize = 4_096;

/// The last events of a test.
#[derive(Debug)]
pub(crate) struct Journal {
    started: Instant,
    entries: Mutex<VecDeque<(Duration, Entry)>>,
}

#[derive(Debug, PartialEq)]
enum Entry {
    /// Something that the test did, or that was noticed about a server.
    Note(String),
    /// A server applied consecutive indexes.
    Applied { server: usize, first: u64, last: u64 },
    /// Requests of one server, with the same method and the same fate, in a short time.
    Requests { from: String, method: String, fate: &'static str, count: usize },
}

impl Journal {
    /// A journal that begins now.
    pub(crate) fn new() -> Self {
        Journal { started: Instant::now(), entries: Mutex::default() }
    }

    /// The notes that are still kept, with their times since `start`.
    pub(crate) fn notes(&self, start: Instant) -> Vec<Note> {
        let entries = self.entries.lock();
        let since = |at: Duration| (self.started + at).saturating_duration_since(start);
        let notes = entries.iter().filter_map(|(at, entry)| match entry {
            Entry::Note(text) => {
                Some(Note { at: since(*at).as_nanos() as u64, text: text.clone() })
            }
            _ => None,
        });
        notes.collect()
    }

    /// Adds a line about something that the test does.
    pub(crate) fn note(&self, text: String) {
        record(|| Happening::Note { text: text.clone() });
        self.push(Entry::Note(text));
    }

    /// Adds a line about a server, for which the recording has an event of its own.
    pub(crate) fn note_of_server(&self, text: String) {
        self.push(Entry::Note(text));
    }

    /// Notes that a server has applied an index.
    pub(crate) fn applied(&self, server: usize, index: u64) {
        let mut entries = self.entries.lock();
        // Lines of servers that apply at the same time alternate: look back for this server's.
        for (_, entry) in entries.iter_mut().rev().take(8) {
            match entry {
                Entry::Applied { server: other, last, .. }
                    if *other == server && *last + 1 == index =>
                {
                    *last = index;
                    return;
                }
                Entry::Note(_) => break,
                _ => {}
            }
        }
        drop(entries);
        self.push(Entry::Applied { server, first: index, last: index });
    }

    /// Notes the fate of a request. Replies, and requests that are still under way, say little.
    pub(crate) fn message(&self, event: &Event<'_>) {
        let message = &event.message;
        if message.leg == Leg::Reply {
            return;
        }
        let fate = match event.kind {
            EventKind::Delivered => "delivered",
            EventKind::Dropped(reason) => reason.describe(),
            EventKind::Held => "held",
            EventKind::Duplicated => "duplicated",
            EventKind::Sent | EventKind::Released | EventKind::Unanswered(_) => return,
        };
        let method = message.method.trim_start_matches("Raft.");
        let mut entries = self.entries.lock();
        for (_, entry) in entries.iter_mut().rev().take(8) {
            match entry {
                Entry::Requests { from, method: other, fate: same, count }
                    if from == message.from && other == method && *same == fate =>
                {
                    *count += 1;
                    return;
                }
                Entry::Note(_) => break,
                _ => {}
            }
        }
        drop(entries);
        let (from, method) = (message.from.to_owned(), method.to_owned());
        self.push(Entry::Requests { from, method, fate, count: 1 });
    }

    fn push(&self, entry: Entry) {
        let mut entries = self.entries.lock();
        if entries.len() == CAPACITY {
            entries.pop_front();
        }
        entries.push_back((self.started.elapsed(), entry));
    }

    /// The last `count` entries, a line each.
    pub(crate) fn tail(&self, count: usize) -> String {
        let entries = self.entries.lock();
        let mut text = String::new();
        for (at, entry) in entries.iter().skip(entries.len().saturating_sub(count)) {
            let line = match entry {
                Entry::Note(text) => text.clone(),
                Entry::Applied { server, first, last } if first == last => {
                    format!("server {server} applies index {first}")
                }
                Entry::Applied { server, first, last } => {
                    format!("server {server} applies indexes {first} to {last}")
                }
                Entry::Requests { from, method, fate, count } => {
                    format!("{} sends {count} x {method}: {fate}", from.replace('-', " "))
                }
            };
            let _ = writeln!(text, "{:>8.3}s  {line}", at.as_secs_f64());
        }
        text
    }
}
