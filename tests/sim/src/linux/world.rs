//! The scheduler's books: who may run, who waits for what, and what time it is.
//!
//! Nothing here blocks, reads a clock or touches a thread. A seed and the same calls in the same order
//! give the same answers, for ever.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::trace::{Kind, Trace};
use crate::report::Stall;

/// What choosing a thread costs in virtual time, at most, in nanoseconds: a switch is not free, and
/// threads that start together do not stay in step.
const DISPATCH_COST: u64 = 2_000;

/// What reading a clock costs: a loop that polls the clock ends.
const CLOCK_COST: u64 = 100;

/// What a yield costs: a loop that yields until something happens lets time pass.
const YIELD_COST: u64 = 1_000;

/// An interrupted thread loses the processor for long once in this many times.
const PAUSES: u32 = 64;

/// How long that is at most, in nanoseconds: what a busy system takes to come back to a thread.
const LONGEST_PAUSE: u64 = 5_000_000;

/// How a thread is interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interrupt {
    /// Whoever else can run may go first.
    StepAside,
    /// It goes on at this time, in nanoseconds since the beginning.
    Pause { until: u64 },
}

/// The place of a thread in the books. Places of threads that are gone are used again.
pub(crate) type Slot = usize;

/// What a thread waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// A wake-up at this address.
    Futex(usize),
    /// The passing of time.
    Sleep,
    /// The end of the thread in this slot.
    Join(Slot),
}

/// How a wait has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    /// What it waited for has happened.
    Event,
    /// Its deadline has come.
    Deadline,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It holds the token, or may be given it.
    Ready(Woken),
    Blocked {
        wait: Wait,
        since: u64,
        /// Tells this wait from earlier ones of the same thread.
        ticket: u64,
    },
    Ended,
}

/// A thread, with whatever else its keeper wants to remember of it.
pub(crate) struct Thread<T> {
    /// Threads are numbered in the order they are made.
    pub(crate) number: u64,
    /// Who the thread works for; a new thread works for whom its maker works.
    pub(crate) owner: Option<u32>,
    stage: Stage,
    pub(crate) keep: T,
}

/// The books of one simulation.
pub(crate) struct World<T> {
    rng: SmallRng,
    /// Random bytes that the program asks the system for; apart, so that they do not follow schedules.
    entropy: SmallRng,
    /// Nanoseconds since the simulation began.
    now: u64,
    threads: Vec<Option<Thread<T>>>,
    free: Vec<Slot>,
    made: u64,
    /// Who may run, in no order; the thread that holds the token is not among them.
    ready: Vec<Slot>,
    /// Who waits at which address, in the order they came.
    waiters: Vec<(usize, Slot)>,
    /// Deadlines of waits, some of them over by now.
    deadlines: BinaryHeap<Reverse<(u64, u64, Slot)>>,
    tickets: u64,
    /// When the simulation is to end, in nanoseconds since it began.
    limit: u64,
    /// Who holds the token.
    running: Slot,
    pub(crate) trace: Trace,
}

impl<T> World<T> {
    pub(crate) fn new(seed: u64, limit: Duration, trace: Trace) -> Self {
        let mut rng = SmallRng::seed_from_u64(seed);
        let entropy = SmallRng::from_rng(&mut rng);
        World {
            rng,
            entropy,
            now: 0,
            threads: Vec::new(),
            free: Vec::new(),
            made: 0,
            ready: Vec::new(),
            waiters: Vec::new(),
            deadlines: BinaryHeap::new(),
            tickets: 0,
            limit: u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX),
            running: 0,
            trace,
        }
    }

    /// The time in nanoseconds, for the simulation's own use.
    pub(crate) fn now(&self) -> u64 {
        self.now
    }

    /// The time as a thread reads it.
    pub(crate) fn read_clock(&mut self, reader: Slot) -> u64 {
        self.now += CLOCK_COST;
        self.record(reader, Kind::Clock, 0);
        self.now
    }

    /// Fills `bytes` with what the program takes for the system's random bytes.
    pub(crate) fn fill_random(&mut self, reader: Slot, bytes: &mut [u8]) {
        self.entropy.fill(bytes);
        self.record(reader, Kind::Random, bytes.len() as u64);
    }

    /// Whether the seed has a thread interrupted here, where that happens once in `one_in` times, and
    /// how.
    pub(crate) fn draw_interrupt(&mut self, one_in: u32) -> Option<Interrupt> {
        if !self.rng.random_ratio(1, one_in) {
            return None;
        }
        if self.rng.random_ratio(1, PAUSES) {
            let until = self.now + self.rng.random_range(0..LONGEST_PAUSE);
            return Some(Interrupt::Pause { until });
        }
        Some(Interrupt::StepAside)
    }

    /// How far the next of some events is at which threads are interrupted.
    pub(crate) fn draw_distance(&mut self, most: u32) -> u32 {
        self.rng.random_range(1..=most)
    }

    pub(crate) fn thread(&self, slot: Slot) -> &Thread<T> {
        self.threads[slot].as_ref().expect("a slot is handed out with its thread in it")
    }

    pub(crate) fn thread_mut(&mut self, slot: Slot) -> &mut Thread<T> {
        self.threads[slot].as_mut().expect("a slot is handed out with its thread in it")
    }

    /// All threads that have not been removed, with their slots.
    pub(crate) fn threads(&self) -> impl Iterator<Item = (Slot, &Thread<T>)> {
        self.threads.iter().enumerate().filter_map(|(slot, thread)| Some((slot, thread.as_ref()?)))
    }

    /// What a thread waits for, and since when; `None` if it could run or has ended.
    pub(crate) fn wait_of(&self, slot: Slot) -> Option<(Wait, u64)> {
        match self.thread(slot).stage {
            Stage::Blocked { wait, since, .. } => Some((wait, since)),
            _ => None,
        }
    }

    /// Adds a thread that may run; the first is given the token.
    pub(crate) fn add(&mut self, maker: Option<Slot>, keep: T) -> Slot {
        let slot = self.free.last().copied().unwrap_or(self.threads.len());
        let owner = maker.and_then(|maker| self.thread(maker).owner);
        let number = self.made;
        self.made += 1;
        let thread = Thread { number, owner, stage: Stage::Ready(Woken::Event), keep };
        if self.free.pop().is_some() {
            self.threads[slot] = Some(thread);
        } else {
            self.threads.push(Some(thread));
        }
        if let Some(maker) = maker {
            self.ready.push(slot);
            self.record(maker, Kind::Spawn, number);
        }
        slot
    }

    /// The thread that holds the token waits from now on.
    pub(crate) fn block(&mut self, slot: Slot, wait: Wait, deadline: Option<u64>) {
        self.tickets += 1;
        let ticket = self.tickets;
        self.thread_mut(slot).stage = Stage::Blocked { wait, since: self.now, ticket };
        if let Wait::Futex(address) = wait {
            self.waiters.push((address, slot));
        }
        if let Some(deadline) = deadline {
            self.deadlines.push(Reverse((deadline, ticket, slot)));
        }
        let kind = match wait {
            Wait::Futex(_) => Kind::Wait,
            Wait::Sleep => Kind::Sleep,
            Wait::Join(_) => Kind::Join,
        };
        self.record(slot, kind, deadline.unwrap_or(0));
    }

    /// The thread that holds the token would let others run.
    pub(crate) fn step_aside(&mut self, slot: Slot, kind: Kind) {
        if kind == Kind::Yield {
            self.now += YIELD_COST;
        }
        self.thread_mut(slot).stage = Stage::Ready(Woken::Event);
        self.ready.push(slot);
        self.record(slot, kind, 0);
    }

    /// Wakes up to `most` threads that wait at `address`, whichever the seed says.
    pub(crate) fn wake(&mut self, waker: Slot, address: usize, most: usize) -> usize {
        let mut woken = 0;
        while woken < most {
            let here = |entry: &&(usize, Slot)| entry.0 == address;
            let count = self.waiters.iter().filter(here).count();
            if count == 0 {
                break;
            }
            let chosen = if count == 1 { 0 } else { self.rng.random_range(0..count) };
            let slot = self.waiters.iter().filter(here).nth(chosen).map(|entry| entry.1);
            self.unblock(slot.expect("fewer were chosen than there are"), Woken::Event);
            woken += 1;
        }
        self.record(waker, Kind::Wake, woken as u64);
        woken
    }

    /// Marks a thread as ended, and wakes who waits for that.
    pub(crate) fn end(&mut self, slot: Slot) {
        self.thread_mut(slot).stage = Stage::Ended;
        self.record(slot, Kind::End, 0);
        let joins = |thread: &Option<Thread<T>>| {
            thread.as_ref().is_some_and(
                |thread| matches!(thread.stage, Stage::Blocked { wait: Wait::Join(target), .. } if target == slot),
            )
        };
        for joiner in 0..self.threads.len() {
            if joins(&self.threads[joiner]) {
                self.unblock(joiner, Woken::Event);
            }
        }
    }

    pub(crate) fn has_ended(&self, slot: Slot) -> bool {
        self.thread(slot).stage == Stage::Ended
    }

    /// Takes a thread that has ended out of the books.
    pub(crate) fn remove(&mut self, slot: Slot) -> Option<Thread<T>> {
        self.free.push(slot);
        self.threads[slot].take()
    }

    /// Chooses who gets the token, and lets time pass until somebody can have it.
    ///
    /// # Errors
    ///
    /// If nobody ever will, or not before the limit.
    pub(crate) fn choose(&mut self) -> Result<Slot, Stall> {
        self.wake_due();
        while self.ready.is_empty() {
            let Some(Reverse((deadline, ..))) = self.deadlines.peek().copied() else {
                return Err(Stall::Deadlock);
            };
            self.now = self.now.max(deadline);
            self.wake_due();
        }
        if self.now > self.limit {
            // Said once: who is told goes on to say so.
            self.limit = u64::MAX;
            return Err(Stall::OutOfTime);
        }
        let chosen = match self.ready.len() {
            1 => 0,
            count => self.rng.random_range(0..count),
        };
        let slot = self.ready.swap_remove(chosen);
        self.running = slot;
        self.now += self.rng.random_range(0..DISPATCH_COST);
        self.record(slot, Kind::Run, 0);
        Ok(slot)
    }

    /// Lets a thread have the token, whatever it is at, to end a simulation that cannot go on.
    pub(crate) fn revive(&mut self, slot: Slot) {
        if self.wait_of(slot).is_some() {
            self.unblock(slot, Woken::Event);
        }
        self.ready.retain(|other| *other != slot);
        self.running = slot;
    }

    /// Who holds the token.
    pub(crate) fn running(&self) -> Slot {
        self.running
    }

    /// How the last wait of a thread has ended.
    pub(crate) fn woken(&self, slot: Slot) -> Woken {
        match self.thread(slot).stage {
            Stage::Ready(woken) => woken,
            _ => Woken::Event,
        }
    }

    fn wake_due(&mut self) {
        while let Some(Reverse((deadline, ticket, slot))) = self.deadlines.peek().copied()
            && deadline <= self.now
        {
            self.deadlines.pop();
            let waits = self.threads[slot].as_ref().is_some_and(
                |thread| matches!(thread.stage, Stage::Blocked { ticket: own, .. } if own == ticket),
            );
            if waits {
                self.unblock(slot, Woken::Deadline);
            }
        }
    }

    fn unblock(&mut self, slot: Slot, woken: Woken) {
        let before = std::mem::replace(&mut self.thread_mut(slot).stage, Stage::Ready(woken));
        if let Stage::Blocked { wait: Wait::Futex(_), .. } = before {
            self.waiters.retain(|(_, waiter)| *waiter != slot);
        }
        self.ready.push(slot);
    }

    fn record(&mut self, slot: Slot, kind: Kind, detail: u64) {
        let number = self.threads[slot].as_ref().map_or(0, |thread| thread.number);
        self.trace.add(self.now, number, kind, detail);
    }
}
