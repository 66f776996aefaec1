//! What the timer of a network will do, and when.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::time::Instant;

use crate::message::MessageId;
use crate::packet::Packet;

/// Something that the timer does.
pub(crate) enum Action {
    /// Hands a delayed packet to its recipient.
    Arrive(Packet),
    /// Fails a call, if it has not ended before.
    Fail(MessageId),
    /// Fails the calls that have timed out.
    TimeOut,
}

/// Actions, in the order of their times.
#[derive(Default)]
pub(crate) struct Schedule {
    entries: BinaryHeap<Entry>,
    /// The number of the newest entry. Of two entries with the same time, the older one comes first.
    newest: u64,
    /// Whether the time of the first entry has become earlier since [`Schedule::take_earlier`].
    earlier: bool,
}

struct Entry {
    at: Instant,
    number: u64,
    action: Action,
}

impl Schedule {
    pub(crate) fn add(&mut self, at: Instant, action: Action) {
        self.newest += 1;
        self.earlier |= self.next_at().is_none_or(|next| at < next);
        self.entries.push(Entry { at, number: self.newest, action });
    }

    /// When the first action is due.
    pub(crate) fn next_at(&self) -> Option<Instant> {
        self.entries.peek().map(|next| next.at)
    }

    /// Takes the first action.
    pub(crate) fn pop(&mut self) -> Option<Action> {
        self.entries.pop().map(|entry| entry.action)
    }

    /// Whether a timer that waits for the first entry must be woken. Says so once.
    pub(crate) fn take_earlier(&mut self) -> bool {
        std::mem::take(&mut self.earlier)
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
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
