//! A queue for one thread that waits.

use std::mem;

use parking_lot::{Condvar, Mutex};

/// A queue for one thread that waits. Unlike a channel's, its wait costs nothing: no spinning first.
pub(crate) struct Queue<T> {
    items: Mutex<Vec<T>>,
    added: Condvar,
}

impl<T> Queue<T> {
    pub(crate) fn new() -> Self {
        Queue { items: Mutex::new(Vec::new()), added: Condvar::new() }
    }

    /// Adds an item.
    pub(crate) fn add(&self, item: T) {
        self.items.lock().push(item);
        self.added.notify_one();
    }

    /// Waits until there are items, and takes all, the oldest first.
    pub(crate) fn take(&self) -> Vec<T> {
        let mut items = self.items.lock();
        while items.is_empty() {
            self.added.wait(&mut items);
        }
        mem::take(&mut items)
    }
}
