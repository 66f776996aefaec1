//! What is to happen later: one thread for all messages that are on their way.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use parking_lot::{Condvar, Mutex};

/// Work that must not block: the next entry waits for it.
type Action = Box<dyn FnOnce() + Send>;

/// Runs actions in the order of their times, on one thread that starts with the first of them.
pub(crate) struct Timer {
    shared: Arc<Shared>,
}

struct Shared {
    agenda: Mutex<Agenda>,
    changed: Condvar,
}

#[derive(Default)]
struct Agenda {
    entries: BinaryHeap<Entry>,
    /// The number of entries there have ever been; among equal times the older entry comes first.
    count: u64,
    running: bool,
    closed: bool,
}

struct Entry {
    at: Instant,
    number: u64,
    action: Action,
}

impl Timer {
    pub(crate) fn new() -> Self {
        let shared = Shared { agenda: Mutex::default(), changed: Condvar::new() };
        Timer { shared: Arc::new(shared) }
    }

    /// Runs `action` at `when`; a closed timer drops it.
    pub(crate) fn at(&self, when: Instant, action: Action) {
        let mut agenda = self.shared.agenda.lock();
        if agenda.closed {
            return;
        }
        agenda.count += 1;
        let number = agenda.count;
        let is_next = agenda.entries.peek().is_none_or(|next| when < next.at);
        agenda.entries.push(Entry { at: when, number, action });
        if !agenda.running {
            agenda.running = true;
            let shared = self.shared.clone();
            thread::Builder::new()
                .name("labrpc-timer".to_owned())
                .spawn(move || shared.run())
                .expect("a process that cannot start one thread cannot host a network");
        } else if is_next {
            self.shared.changed.notify_one();
        }
    }

    /// Drops what is on the agenda and ends the thread.
    pub(crate) fn close(&self) {
        let mut agenda = self.shared.agenda.lock();
        agenda.closed = true;
        let entries = std::mem::take(&mut agenda.entries);
        self.shared.changed.notify_one();
        // An action may own the last handle of the network: let it go without the lock.
        drop(agenda);
        drop(entries);
    }
}

impl Shared {
    fn run(&self) {
        while let Some(action) = self.next() {
            action();
        }
    }

    fn next(&self) -> Option<Action> {
        let mut agenda = self.agenda.lock();
        loop {
            if agenda.closed {
                return None;
            }
            match agenda.entries.peek().map(|next| next.at) {
                None => self.changed.wait(&mut agenda),
                Some(at) if at <= Instant::now() => {
                    return agenda.entries.pop().map(|entry| entry.action);
                }
                Some(at) => {
                    self.changed.wait_until(&mut agenda, at);
                }
            }
        }
    }
}

impl Ord for Entry {
    /// The earliest entry is the greatest, as the heap gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.number).cmp(&(self.at, self.number))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}
