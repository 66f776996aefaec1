//! A timer: one thread that runs actions at their times, such as the arrival of delayed messages.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use parking_lot::{Condvar, Mutex};

/// Must not block, since later actions wait for it.
type Action = Box<dyn FnOnce() + Send>;

/// Runs actions in the order of their times, on a thread that starts when the first action is added.
pub(crate) struct Timer {
    thread: Arc<TimerThread>,
}

/// What the thread runs, shared with the [`Timer`].
struct TimerThread {
    schedule: Mutex<Schedule>,
    changed: Condvar,
}

#[derive(Default)]
struct Schedule {
    entries: BinaryHeap<Entry>,
    /// The number of the newest entry. Of two entries with the same time, the older one runs first.
    newest: u64,
    /// Whether the thread has been started.
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
        let timer_thread = TimerThread { schedule: Mutex::default(), changed: Condvar::new() };
        Timer { thread: Arc::new(timer_thread) }
    }

    /// Runs `action` at `when`. A closed timer drops it.
    pub(crate) fn at(&self, when: Instant, action: Action) {
        let mut schedule = self.thread.schedule.lock();
        if schedule.closed {
            return;
        }
        schedule.newest += 1;
        let number = schedule.newest;
        let is_next = schedule.entries.peek().is_none_or(|next| when < next.at);
        schedule.entries.push(Entry { at: when, number, action });
        if !schedule.running {
            schedule.running = true;
            let timer_thread = self.thread.clone();
            thread::Builder::new()
                .name("labrpc-timer".to_owned())
                .spawn(move || timer_thread.run())
                .expect("a network needs at least one thread");
        } else if is_next {
            self.thread.changed.notify_one();
        }
    }

    /// Drops all entries and ends the thread.
    pub(crate) fn close(&self) {
        let mut schedule = self.thread.schedule.lock();
        schedule.closed = true;
        let entries = std::mem::take(&mut schedule.entries);
        self.thread.changed.notify_one();
        // An action may own the last handle of the network, so it must be dropped without the lock.
        drop(schedule);
        drop(entries);
    }
}

impl TimerThread {
    fn run(&self) {
        while let Some(action) = self.next() {
            action();
        }
    }

    /// Waits until the next entry is due. `None` once the timer is closed.
    fn next(&self) -> Option<Action> {
        let mut schedule = self.schedule.lock();
        loop {
            if schedule.closed {
                return None;
            }
            match schedule.entries.peek().map(|next| next.at) {
                None => self.changed.wait(&mut schedule),
                Some(at) if at <= Instant::now() => {
                    return schedule.entries.pop().map(|entry| entry.action);
                }
                Some(at) => {
                    self.changed.wait_until(&mut schedule, at);
                }
            }
        }
    }
}

impl Ord for Entry {
    /// The earliest entry is the greatest, because a heap returns its greatest entry first.
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
