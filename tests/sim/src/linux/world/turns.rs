//! The turns of a guest.

use std::mem;

use super::{Thread, World};
use crate::platform::states::{RunState, Slot, Wait, Woken};

impl<T> World<T> {
    /// Makes this the world of a guest: its host owns the time.
    pub(crate) fn take_turns(&mut self) {
        self.turn_began = Some(self.now);
    }

    /// The turn of a guest begins, perhaps with news for one of its threads.
    pub(crate) fn resume(&mut self, now: u64, has_news: bool) {
        self.advance_to(now);
        self.turn_began = Some(self.now);
        self.end_announced = false;
        if has_news && !self.unblock_one(Wait::News) {
            self.has_news = true;
        }
    }

    /// Unblocks a thread that waits for this, if there is one.
    fn unblock_one(&mut self, awaited: Wait) -> bool {
        let waiter = self.find_waiter(awaited);
        if let Some(slot) = waiter {
            self.unblock(slot, Woken::Event);
        }
        waiter.is_some()
    }

    /// Wakes the thread that waits for the end of the turn, once in each turn, if all others wait of their own
    /// accord: one that pauses may have left work half done.
    pub(super) fn announce_end(&mut self) {
        if !mem::replace(&mut self.end_announced, true) && self.find_waiter(Wait::Pause).is_none() {
            self.unblock_one(Wait::EndOfTurn);
        }
    }

    fn find_waiter(&self, awaited: Wait) -> Option<Slot> {
        let waits = |thread: &Thread<T>| matches!(thread.state, RunState::Blocked { wait, .. } if wait == awaited);
        self.threads().find(|(_, thread)| waits(thread)).map(|(slot, _)| slot)
    }

    /// Whether news have come that no thread has seen; from now on one has.
    pub(crate) fn take_news(&mut self) -> bool {
        mem::take(&mut self.has_news)
    }
}
