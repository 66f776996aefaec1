//! The world is what the scheduler knows: which threads there are, which of them can run, what the others
//! wait for, and what time it is.
//!
//! Nothing here blocks, reads a real clock or touches a real thread. The same seed and the same calls in
//! the same order always give the same answers.

mod entropy;
mod interrupts;
mod naps;
mod strategy;
mod turns;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use rand::Rng;
use rand::rngs::SmallRng;

use self::entropy::Entropy;
use self::naps::NapPlan;
use self::strategy::Strategy;
use super::states::{Choice, RunState, Slot, Wait, Woken};
use super::trace::{Kind, Trace};
use crate::chance::{Chance, Draws};
use crate::report::Stall;
use crate::simulation::{ClockRate, Naps, Schedule};
use crate::time::nanoseconds;

/// The most virtual time that a switch to another thread takes, in nanoseconds. It is random, so that
/// threads that start together do not stay in step.
const DISPATCH_COST: u64 = 2_000;

/// The virtual time that reading a clock takes, in nanoseconds, so that a loop that polls a clock ends.
const CLOCK_COST: u64 = 100;

/// The virtual time that a yield takes, in nanoseconds, so that time passes in a loop of yields.
const YIELD_COST: u64 = 1_000;

/// How long a guest runs in one turn if its threads do not all wait, in nanoseconds. Others get their turn
/// when virtual time has moved on by this much.
const LONGEST_TURN: u64 = 1_000_000;

/// A thread, with a record of what matters to others than the scheduler.
pub(crate) struct Thread<T> {
    /// Threads are numbered in the order of their creation.
    pub(crate) number: u64,
    state: RunState,
    pub(crate) record: T,
}

/// What the scheduler of one simulation knows.
pub(crate) struct World<T> {
    draws: Draws<SmallRng>,
    strategy: Strategy,
    naps: Option<NapPlan>,
    /// A thread that is interrupted between two basic blocks pauses once in this many times.
    edge_pauses: u32,
    entropy: Entropy,
    /// Nanoseconds since the simulation began.
    now: u64,
    pub(crate) clock_rate: ClockRate,
    threads: Vec<Option<Thread<T>>>,
    free: Vec<Slot>,
    created: u64,
    /// The threads that can run, in the order in which they became able to, without the thread that holds the token.
    ready: Vec<Slot>,
    /// The threads that wait at an address, in the order of their waits.
    waiters: Vec<(usize, Slot)>,
    /// Deadlines of waits with the wait's ticket and thread. Some of these waits have already ended.
    deadlines: BinaryHeap<Reverse<(u64, u64, Slot)>>,
    tickets: u64,
    /// When the simulation has to end, in nanoseconds since it began.
    limit: u64,
    /// The thread that holds the token.
    running: Slot,
    /// When the present turn began, if this is the world of a guest.
    turn_began: Option<u64>,
    /// Whether news have come that no thread has seen.
    has_news: bool,
    /// Whether a thread that waits for the end of the turn has been woken in this turn.
    end_announced: bool,
    pub(crate) trace: Trace,
}

impl<T> World<T> {
    pub(crate) fn new(
        chance: Chance,
        schedule: Schedule,
        begin: Duration,
        limit: Duration,
        trace: Trace,
    ) -> Self {
        let entropy = Entropy::new(&chance);
        let mut draws = Draws::<SmallRng>::new(chance);
        let edge_pauses = 1 << draws.rng().random_range(1..=4);
        let strategy = match schedule {
            Schedule::Uniform => Strategy::uniform(),
            Schedule::Drawn => Strategy::draw(draws.rng()),
        };
        draws.advance_to(nanoseconds(begin));
        World {
            draws,
            strategy,
            naps: None,
            edge_pauses,
            entropy,
            now: nanoseconds(begin),
            clock_rate: ClockRate::EXACT,
            threads: Vec::new(),
            free: Vec::new(),
            created: 0,
            ready: Vec::new(),
            waiters: Vec::new(),
            deadlines: BinaryHeap::new(),
            tickets: 0,
            limit: nanoseconds(limit),
            running: 0,
            turn_began: None,
            has_news: false,
            end_announced: false,
            trace,
        }
    }

    /// From now on single threads pause for long.
    pub(crate) fn let_nap(&mut self, naps: Naps) {
        self.naps = Some(NapPlan::new(naps, self.now, self.draws.rng()));
    }

    /// Whether an interrupt is worth telling: choices are left to chance for a part of the time only, and another
    /// thread can run.
    pub(crate) fn tells_interrupts(&self) -> bool {
        self.draws.has_windows() && !self.ready.is_empty()
    }

    /// The time in nanoseconds, for the simulation itself.
    pub(crate) fn now(&self) -> u64 {
        self.now
    }

    /// The time for a thread that reads a clock.
    pub(crate) fn read_clock(&mut self, reader: Slot) -> u64 {
        self.now += CLOCK_COST;
        self.record(reader, Kind::Clock, 0);
        self.now
    }

    /// The running thread computes for so many nanoseconds.
    pub(crate) fn spend(&mut self, nanoseconds: u64) {
        self.now += nanoseconds;
    }

    /// Fills `bytes` with random bytes for the program.
    pub(crate) fn fill_random(&mut self, reader: Slot, bytes: &mut [u8]) {
        self.entropy.fill(self.now, bytes);
        self.record(reader, Kind::Random, bytes.len() as u64);
    }

    pub(crate) fn thread(&self, slot: Slot) -> &Thread<T> {
        self.threads[slot].as_ref().expect("a slot is used only while its thread is in it")
    }

    pub(crate) fn thread_mut(&mut self, slot: Slot) -> &mut Thread<T> {
        self.threads[slot].as_mut().expect("a slot is used only while its thread is in it")
    }

    /// All threads that have not been removed, with their slots.
    pub(crate) fn threads(&self) -> impl Iterator<Item = (Slot, &Thread<T>)> {
        self.threads.iter().enumerate().filter_map(|(slot, thread)| Some((slot, thread.as_ref()?)))
    }

    /// What a thread waits for, and since when; `None` if it could run or has ended.
    pub(crate) fn wait_of(&self, slot: Slot) -> Option<(Wait, u64)> {
        match self.thread(slot).state {
            RunState::Blocked { wait, since, .. } => Some((wait, since)),
            _ => None,
        }
    }

    /// Adds a thread that can run. The first one, which has no creator, holds the token.
    pub(crate) fn add(&mut self, creator: Option<Slot>, record: T) -> Slot {
        let slot = self.free.last().copied().unwrap_or(self.threads.len());
        let number = self.created;
        self.created += 1;
        let thread = Thread { number, state: RunState::Ready(Woken::Event), record };
        if self.free.pop().is_some() {
            self.threads[slot] = Some(thread);
        } else {
            self.threads.push(Some(thread));
        }
        self.strategy.add(slot, self.draws.rng());
        if let Some(creator) = creator {
            self.make_ready(slot, 0);
            self.record(creator, Kind::Spawn, number);
        }
        slot
    }

    /// The thread that holds the token starts to wait.
    pub(crate) fn block(&mut self, slot: Slot, wait: Wait, deadline: Option<u64>) {
        self.tickets += 1;
        let ticket = self.tickets;
        self.thread_mut(slot).state = RunState::Blocked { wait, since: self.now, ticket };
        if let Wait::Futex(address) = wait {
            self.waiters.push((address, slot));
        }
        if let Some(deadline) = deadline {
            self.deadlines.push(Reverse((deadline, ticket, slot)));
        }
        let kind = match wait {
            Wait::Futex(_) => Kind::Wait,
            Wait::Sleep | Wait::Pause => Kind::Sleep,
            Wait::Join(_) => Kind::Join,
            Wait::News | Wait::EndOfTurn => Kind::Wait,
        };
        self.record(slot, kind, deadline.unwrap_or(0));
    }

    /// The thread that holds the token can still run, but lets others run first.
    pub(crate) fn let_others_run(&mut self, slot: Slot, kind: Kind) {
        if kind == Kind::Yield {
            self.now += YIELD_COST;
            self.strategy.note_yield(slot);
        }
        self.thread_mut(slot).state = RunState::Ready(Woken::Event);
        self.make_ready(slot, 0);
        self.record(slot, kind, 0);
    }

    /// Wakes up to `most` threads that wait at `address`, chosen by the seed. Returns how many.
    pub(crate) fn wake(&mut self, waker: Slot, address: usize, most: usize) -> usize {
        let mut woken = 0;
        while woken < most {
            let here = |entry: &&(usize, Slot)| entry.0 == address;
            let count = self.waiters.iter().filter(here).count();
            if count == 0 {
                break;
            }
            let is_plain = count == 1 || self.draws.is_plain();
            let chosen = if is_plain { 0 } else { self.draws.rng().random_range(0..count) };
            let slot = self.waiters.iter().filter(here).nth(chosen).map(|entry| entry.1);
            self.unblock(slot.expect("the index is below the number of waiters"), Woken::Event);
            woken += 1;
        }
        self.record(waker, Kind::Wake, woken as u64);
        woken
    }

    /// Marks a thread as ended, and wakes the threads that wait for its end.
    pub(crate) fn end(&mut self, slot: Slot) {
        self.thread_mut(slot).state = RunState::Ended;
        self.record(slot, Kind::End, 0);
        let joins = |thread: &Thread<T>| matches!(thread.state, RunState::Blocked { wait, .. } if wait == Wait::Join(slot));
        for joiner in 0..self.threads.len() {
            if self.threads[joiner].as_ref().is_some_and(joins) {
                self.unblock(joiner, Woken::Event);
            }
        }
    }

    pub(crate) fn has_ended(&self, slot: Slot) -> bool {
        self.thread(slot).state == RunState::Ended
    }

    /// Removes a thread that has ended.
    pub(crate) fn remove(&mut self, slot: Slot) -> Option<Thread<T>> {
        self.free.push(slot);
        self.threads[slot].take()
    }

    /// Moves time forward; never back.
    pub(crate) fn advance_to(&mut self, time: u64) {
        self.now = self.now.max(time);
    }

    /// Chooses the thread that gets the token. If none can run, lets time pass until one can; the host of a
    /// guest does that.
    ///
    /// # Errors
    ///
    /// If no thread can ever run again, or none before the limit.
    pub(crate) fn choose(&mut self) -> Result<Choice, Stall> {
        self.wake_due();
        if let Some(began) = self.turn_began {
            let is_long = self.now - began > LONGEST_TURN;
            if self.ready.is_empty() || is_long {
                self.announce_end();
            }
            if self.ready.is_empty() {
                return Ok(Choice::HandOver { deadline: self.next_deadline() });
            }
            if is_long {
                return Ok(Choice::HandOver { deadline: Some(self.now) });
            }
        }
        while self.ready.is_empty() {
            let Some(Reverse((deadline, ..))) = self.deadlines.peek().copied() else {
                return Err(Stall::Deadlock);
            };
            self.now = self.now.max(deadline);
            self.wake_due();
        }
        if self.now > self.limit {
            // Reported once: the threads must still run to report what they are doing.
            self.limit = u64::MAX;
            return Err(Stall::OutOfTime);
        }
        let slot = self.choose_ready();
        self.running = slot;
        self.record(slot, Kind::Run, 0);
        Ok(Choice::Run(slot))
    }

    /// Takes one of the threads that can run; the plain choice is the one that has waited for longest.
    fn choose_ready(&mut self) -> Slot {
        self.draws.advance_to(self.now);
        if self.draws.is_plain() {
            self.now += DISPATCH_COST / 2;
            return self.ready.remove(0);
        }
        let chosen = self.strategy.choose(&self.ready, self.now, self.draws.rng());
        self.now += self.draws.rng().random_range(0..DISPATCH_COST);
        self.ready.remove(chosen)
    }

    /// Makes a thread hold the token, whether it waits or not, to end a simulation that cannot continue.
    pub(crate) fn force_run(&mut self, slot: Slot) {
        if self.wait_of(slot).is_some() {
            self.unblock(slot, Woken::Event);
        }
        self.ready.retain(|other| *other != slot);
        self.running = slot;
    }

    /// The thread that holds the token.
    pub(crate) fn running(&self) -> Slot {
        self.running
    }

    /// Why the last wait of a thread has ended.
    pub(crate) fn woken(&self, slot: Slot) -> Woken {
        match self.thread(slot).state {
            RunState::Ready(woken) => woken,
            _ => Woken::Event,
        }
    }

    fn wake_due(&mut self) {
        while let Some(Reverse((deadline, ticket, slot))) = self.deadlines.peek().copied()
            && deadline <= self.now
        {
            self.deadlines.pop();
            if self.still_waits(slot, ticket) {
                self.unblock(slot, Woken::Deadline);
            }
        }
    }

    /// The next deadline of a thread that still waits for it.
    fn next_deadline(&mut self) -> Option<u64> {
        while let Some(Reverse((deadline, ticket, slot))) = self.deadlines.peek().copied() {
            if self.still_waits(slot, ticket) {
                return Some(deadline);
            }
            self.deadlines.pop();
        }
        None
    }

    fn still_waits(&self, slot: Slot, ticket: u64) -> bool {
        let waits = |thread: &Thread<T>| matches!(thread.state, RunState::Blocked { ticket: own, .. } if own == ticket);
        self.threads[slot].as_ref().is_some_and(waits)
    }

    fn unblock(&mut self, slot: Slot, woken: Woken) {
        let before = std::mem::replace(&mut self.thread_mut(slot).state, RunState::Ready(woken));
        let mut place = 0;
        if let RunState::Blocked { wait: Wait::Futex(address), .. } = before {
            self.waiters.retain(|(_, waiter)| *waiter != slot);
            place = address;
        }
        self.make_ready(slot, place);
    }

    /// A thread can run from now on; `address` is where it has waited for a lock or the like, or 0.
    fn make_ready(&mut self, slot: Slot, address: usize) {
        self.strategy.note_ready(slot, self.now, address, self.draws.rng());
        self.ready.push(slot);
    }

    fn record(&mut self, slot: Slot, kind: Kind, detail: u64) {
        let number = self.threads[slot].as_ref().map_or(0, |thread| thread.number);
        self.trace.add(self.now, number, kind, detail);
    }
}
