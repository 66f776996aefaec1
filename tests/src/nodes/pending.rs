//! An answer that is still to come.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// Waits for an answer.
pub(super) struct Pending<T>(Arc<Slot<T>>);

/// Gives the answer. Dropped without one, it tells that none will come.
pub(super) struct Waiter<T>(Arc<Slot<T>>);

struct Slot<T> {
    answer: Mutex<State<T>>,
    changed: Condvar,
}

enum State<T> {
    Open,
    Answered(T),
    Over,
}

impl<T> Pending<T> {
    pub(super) fn new() -> (Waiter<T>, Self) {
        let slot = Arc::new(Slot { answer: Mutex::new(State::Open), changed: Condvar::new() });
        (Waiter(slot.clone()), Pending(slot))
    }

    /// The answer; `None` if none will come.
    pub(super) fn wait(&self) -> Option<T> {
        let mut answer = self.0.answer.lock();
        while matches!(*answer, State::Open) {
            self.0.changed.wait(&mut answer);
        }
        take(&mut answer)
    }

    /// The answer; `None` if none comes in this time.
    pub(super) fn wait_for(&self, most: Duration) -> Option<T> {
        let deadline = Instant::now() + most;
        let mut answer = self.0.answer.lock();
        while matches!(*answer, State::Open) {
            if self.0.changed.wait_until(&mut answer, deadline).timed_out() {
                break;
            }
        }
        take(&mut answer)
    }
}

fn take<T>(answer: &mut State<T>) -> Option<T> {
    match std::mem::replace(answer, State::Over) {
        State::Answered(value) => Some(value),
        State::Open | State::Over => None,
    }
}

impl<T> Waiter<T> {
    pub(super) fn give(self, value: T) {
        *self.0.answer.lock() = State::Answered(value);
        self.0.changed.notify_one();
    }
}

impl<T> Drop for Waiter<T> {
    fn drop(&mut self) {
        let mut answer = self.0.answer.lock();
        if matches!(*answer, State::Open) {
            *answer = State::Over;
            self.0.changed.notify_one();
        }
    }
}
