//! The data of the simulation that runs in this process.

use std::ffi::{CString, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::backtraces::Frames;
use super::current;
use super::os_thread::OsThread;
use super::stacks::{Stack, Stacks};
use super::states::{Choice, Slot};
use super::world::World;
use crate::guest::{Host, Pause};
use crate::report::Stall;

/// How often the scheduler has been called, for the watch from outside, which must not look at the rest.
pub(crate) static SCHEDULER_CALLS: AtomicU64 = AtomicU64::new(0);

/// Whether the host has the turn, for the same watch: this process only waits.
pub(crate) static HOST_HAS_TURN: AtomicBool = AtomicBool::new(false);

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
    /// Owns the time of this simulation, if it is a guest.
    host: Option<Box<dyn Host>>,
}

impl ActiveSimulation {
    pub(crate) fn new(
        world: World<ThreadRecord>,
        host: Option<Box<dyn Host>>,
        on_stall: fn(Stall) -> !,
    ) -> Self {
        let stacks = Stacks::default();
        ActiveSimulation { world, stacks, asker: None, stall: None, on_stall, host }
    }

    pub(crate) fn os_thread(&self, slot: Slot) -> *mut OsThread {
        self.world.thread(slot).record.os_thread
    }

    /// Chooses the thread that gets the token. If the simulation cannot continue, that is the first
    /// thread, which lives as long as the simulation.
    pub(crate) fn choose_next(&mut self) -> *mut OsThread {
        SCHEDULER_CALLS.fetch_add(1, Ordering::Relaxed);
        let chosen = loop {
            match self.world.choose() {
                Ok(Choice::Run(slot)) => break slot,
                Ok(Choice::HandOver { deadline }) => self.hand_over(deadline),
                Err(stall) => {
                    self.stall = Some(stall);
                    self.world.force_run(0);
                    break 0;
                }
            }
        };
        self.os_thread(chosen)
    }

    /// Gives the turn to the host, and goes on when it comes back.
    fn hand_over(&mut self, deadline: Option<u64>) {
        let Some(host) = &mut self.host else {
            return;
        };
        let world = &mut self.world;
        let (events, hash) = (world.trace.events, world.trace.hash);
        let pause = Pause { now: world.now(), deadline, events, hash };
        HOST_HAS_TURN.store(true, Ordering::Relaxed);
        let resumed = current::outside(|| host.hand_over(pause));
        HOST_HAS_TURN.store(false, Ordering::Relaxed);
        SCHEDULER_CALLS.fetch_add(1, Ordering::Relaxed);
        world.resume(resumed.now, resumed.has_news);
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
