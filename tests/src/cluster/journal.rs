//! The last things that happened, for the failure message.

use std::collections::VecDeque;
use std::fmt::Write;
use std::time::{Duration, Instant};

use labrpc::{Event, EventKind, Leg};
use linearizability::Note;
use parking_lot::Mutex;

/// How many entries are kept; heartbeats of a busy cluster fill a hundred a second.
const CAPACITY: usize = 4_096;

/// A log of bounded length.
#[derive(Debug)]
pub(crate) struct Journal {
    started: Instant,
    entries: Mutex<VecDeque<(Duration, Entry)>>,
}

#[derive(Debug, PartialEq)]
enum Entry {
    /// Something that a test did, or that was seen of a server.
    Note(String),
    /// A server applied some indexes in a row.
    Applied { server: usize, first: u64, last: u64 },
    /// Some requests of one server, of one kind and one fate, within a short time.
    Requests { from: String, method: String, fate: &'static str, count: usize },
}

impl Journal {
    pub(crate) fn new() -> Self {
        Journal { started: Instant::now(), entries: Mutex::default() }
    }

    /// What the test did, and what was seen of servers, as far back as it is kept, by the time since
    /// `start`.
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

    pub(crate) fn note(&self, text: String) {
        self.push(Entry::Note(text));
    }

    pub(crate) fn applied(&self, server: usize, index: u64) {
        let mut entries = self.entries.lock();
        // What several servers apply at once alternates: look back a little for this server's line.
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

    /// Notes the fate of a request; replies and what is still on its way say little.
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
            EventKind::Sent | EventKind::Released => return,
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
