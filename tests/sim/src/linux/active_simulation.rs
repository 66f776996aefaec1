//! The data of the simulation that runs in this process.

use std::ffi::{CString, c_void};
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

use super::backtraces::Frames;
use super::os_thread::OsThread;
use super::stacks::{Stack, Stacks};
use super::world::{Slot, World};
use crate::report::Stall;

/// How often the scheduler has been called, for the watch from outside, which must not look at the rest.
pub(crate) static SCHEDULER_CALLS: AtomicU64 = AtomicU64::new(0);

/// A destructor of a thread-local, and what it destroys.
pub(crate) type Destructor = (unsafe extern "C" fn(*mut u8), *mut u8);

/// What the simulation knows of a thread beyond its place in the schedule.
pub(crate) struct ThreadRecord {
    pub(crate) os_thread: *mut OsThread,
    pub(crate) handle: libc::pthread_t,
    pub(crate) stack: Stack,
    pub(crate) name: CString,
    pub(crate) detached: bool,
    /// What the thread has returned.
    pub(crate) result: *mut c_void,
    /// The destructors to call when the thread ends, the last one first.
    pub(crate) destructors: Vec<Destructor>,
    /// Where the thread is, from when it has been asked until the answer is read.
    pub(crate) frames: Option<Frames>,
}

/// The data of the simulation that runs in this process.
pub(crate) struct ActiveSimulation {
    pub(crate) world: World<ThreadRecord>,
    pub(crate) stacks: Stacks,
    /// The thread that wants to know where the next thread is. The next thread answers as soon as it gets
    /// the token, and gives it back.
    pub(crate) asker: Option<Slot>,
    /// Why the simulation cannot continue. The first thread ends it when it gets the token.
    pub(crate) stall: Option<Stall>,
    pub(crate) on_stall: fn(Stall) -> !,
}

impl ActiveSimulation {
    pub(crate) fn new(world: World<ThreadRecord>, on_stall: fn(Stall) -> !) -> Self {
        ActiveSimulation { world, stacks: Stacks::default(), asker: None, stall: None, on_stall }
    }

    pub(crate) fn os_thread(&self, slot: Slot) -> *mut OsThread {
        self.world.thread(slot).record.os_thread
    }

    /// Chooses the thread that gets the token. If the simulation cannot continue, that is the first
    /// thread, which lives as long as the simulation.
    pub(crate) fn choose_next(&mut self) -> *mut OsThread {
        SCHEDULER_CALLS.fetch_add(1, Ordering::Relaxed);
        let chosen = self.world.choose().unwrap_or_else(|stall| {
            self.stall = Some(stall);
            self.world.force_run(0);
            0
        });
        self.os_thread(chosen)
    }

    /// Marks a thread as ended.
    pub(crate) fn end(&mut self, slot: Slot) {
        self.world.end(slot);
        if self.world.thread(slot).record.detached {
            self.remove(slot);
        }
    }

    /// Forgets a thread that has ended and that nobody can ask for any more. Returns its result.
    pub(crate) fn remove(&mut self, slot: Slot) -> *mut c_void {
        let Some(thread) = self.world.remove(slot) else {
            return ptr::null_mut();
        };
        let ThreadRecord { stack, handle, os_thread, result, .. } = thread.record;
        self.stacks.give_back(stack, handle, os_thread);
        result
    }
}
