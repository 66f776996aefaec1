//! How the scheduler chooses among the threads that can run.
//!
//! No one way finds all mistakes early, so each simulation draws one of several from its seed. None of them lets
//! a thread wait long while others run.

use rand::Rng;
use rand::rngs::SmallRng;

use crate::platform::states::Slot;

/// How long a thread that can run waits at most while others are preferred, in nanoseconds.
const PATIENCE: u64 = 1_000_000;

/// The exponents of the mean number of chances to interrupt a thread, from one change of priorities to the next.
const CHANGE_EXPONENTS: std::ops::RangeInclusive<u32> = 5..=12;

/// A way to choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Each thread that can run is as likely as any other.
    Uniform,
    /// Threads have priorities, and the highest one runs. Seldom, the running thread is moved below all others.
    /// A mistake that needs few switches at the right places is found as if there were no other places:
    /// probabilistic concurrency testing (Burckhardt et al., 2010).
    Threads {
        /// The mean number of chances to interrupt a thread from one change to the next.
        change_every: u32,
        /// The number of such chances until the next change.
        left: u32,
        /// Below the priorities of all threads.
        lowest: i64,
    },
    /// The next step of each thread has a priority, and the highest one is taken. Steps that compete with it for
    /// a lock get new priorities, so each order of two that compete is as likely as the other, whatever else
    /// happens between them: partial-order sampling (Yuan et al., 2018).
    Steps,
}

/// What is known of a thread that can run.
#[derive(Debug, Clone, Copy, Default)]
struct Candidate {
    priority: i64,
    /// Since when it can run, in nanoseconds.
    since: u64,
    /// Where it waited before; 0 if that was no lock.
    address: usize,
}

/// Chooses among the threads that can run.
pub(super) struct Strategy {
    way: Way,
    /// By slot.
    candidates: Vec<Candidate>,
}

impl Strategy {
    /// The choice with equal chances.
    pub(super) fn uniform() -> Self {
        Strategy { way: Way::Uniform, candidates: Vec::new() }
    }

    /// One of all strategies.
    pub(super) fn draw(rng: &mut SmallRng) -> Self {
        let way = match rng.random_range(0..3) {
            0 => Way::Uniform,
            1 => {
                let change_every = 1 << rng.random_range(CHANGE_EXPONENTS);
                Way::Threads { change_every, left: rng.random_range(1..=change_every), lowest: 0 }
            }
            _ => Way::Steps,
        };
        Strategy { way, candidates: Vec::new() }
    }

    /// There is a new thread.
    pub(super) fn add(&mut self, slot: Slot, rng: &mut SmallRng) {
        if self.way == Way::Uniform {
            return;
        }
        if slot >= self.candidates.len() {
            self.candidates.resize(slot + 1, Candidate::default());
        }
        self.candidates[slot].priority = draw_priority(rng);
    }

    /// A thread can run from now on; `address` is where it has waited for a lock or the like, or 0.
    pub(super) fn note_ready(&mut self, slot: Slot, now: u64, address: usize, rng: &mut SmallRng) {
        let Some(candidate) = self.candidates.get_mut(slot) else {
            return;
        };
        candidate.since = now;
        candidate.address = address;
        if self.way == Way::Steps {
            candidate.priority = draw_priority(rng);
        }
    }

    /// A thread yields: it waits for others in a loop, so they come first.
    pub(super) fn note_yield(&mut self, slot: Slot) {
        if let Way::Threads { lowest, .. } = &mut self.way {
            *lowest -= 1;
            self.candidates[slot].priority = *lowest;
        }
    }

    /// Whether the running thread is interrupted at a place where that happens once in `one_in` times.
    pub(super) fn interrupts(
        &mut self,
        running: Slot,
        ready: &[Slot],
        one_in: u32,
        rng: &mut SmallRng,
    ) -> bool {
        let Way::Threads { change_every, left, lowest } = &mut self.way else {
            return rng.random_ratio(1, one_in);
        };
        *left -= 1;
        if *left == 0 {
            *left = rng.random_range(1..2 * *change_every);
            *lowest -= 1;
            self.candidates[running].priority = *lowest;
        }
        let own = self.candidates[running].priority;
        ready.iter().any(|other| self.candidates[*other].priority > own)
    }

    /// The index of the thread that runs next. `ready` is not empty.
    pub(super) fn choose(&mut self, ready: &[Slot], now: u64, rng: &mut SmallRng) -> usize {
        if ready.len() == 1 {
            return 0;
        }
        if self.way == Way::Uniform {
            return rng.random_range(0..ready.len());
        }
        let chosen = self.first(ready, now);
        if self.way == Way::Steps {
            self.redraw_rivals(ready, chosen, rng);
        }
        chosen
    }

    /// The thread that has waited for too long, otherwise that with the highest priority.
    fn first(&self, ready: &[Slot], now: u64) -> usize {
        let of = |index: &usize| self.candidates[ready[*index]];
        let oldest = (0..ready.len()).min_by_key(|index| of(index).since);
        let highest = (0..ready.len()).max_by_key(|index| of(index).priority);
        oldest.filter(|index| now - of(index).since > PATIENCE).or(highest).unwrap_or(0)
    }

    /// Draws new priorities for the steps that compete with the chosen one.
    fn redraw_rivals(&mut self, ready: &[Slot], chosen: usize, rng: &mut SmallRng) {
        let address = self.candidates[ready[chosen]].address;
        for (index, slot) in ready.iter().enumerate() {
            let candidate = &mut self.candidates[*slot];
            if index != chosen && address != 0 && candidate.address == address {
                candidate.priority = draw_priority(rng);
            }
        }
    }
}

fn draw_priority(rng: &mut SmallRng) -> i64 {
    rng.random_range(1..i64::MAX)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    use super::{PATIENCE, Strategy, Way};

    /// A strategy for three threads, and the generator that it goes on with.
    fn draw(seed: u64) -> (Strategy, SmallRng) {
        let mut rng = SmallRng::seed_from_u64(seed);
        let mut strategy = Strategy::draw(&mut rng);
        for slot in 0..3 {
            strategy.add(slot, &mut rng);
            strategy.note_ready(slot, 0, 0, &mut rng);
        }
        (strategy, rng)
    }

    #[test]
    fn seeds_draw_every_way() {
        let ways: Vec<Way> = (0..30).map(|seed| draw(seed).0.way).collect();
        assert!(ways.contains(&Way::Uniform) && ways.contains(&Way::Steps), "{ways:?}");
        assert!(ways.iter().any(|way| matches!(way, Way::Threads { .. })), "{ways:?}");
    }

    #[test]
    fn every_thread_runs_soon_although_others_are_always_ready() {
        for seed in 0..30 {
            let (mut strategy, mut rng) = draw(seed);
            let mut last_run = [0; 3];
            for now in (0..10 * PATIENCE).step_by(1_000) {
                let chosen = strategy.choose(&[0, 1, 2], now, &mut rng);
                last_run[chosen] = now;
                strategy.note_ready(chosen, now, 0, &mut rng);
                assert!(last_run.iter().all(|last| now - last < 2 * PATIENCE), "seed {seed}");
            }
        }
    }

    #[test]
    fn a_thread_that_yields_comes_after_all_others() {
        let is_by_thread = |seed: &u64| matches!(draw(*seed).0.way, Way::Threads { .. });
        for seed in (0..60).filter(is_by_thread) {
            let (mut strategy, mut rng) = draw(seed);
            let first = strategy.choose(&[0, 1, 2], 0, &mut rng);
            strategy.note_yield(first);
            for _ in 0..10 {
                assert_ne!(strategy.choose(&[0, 1, 2], 0, &mut rng), first, "seed {seed}");
            }
        }
    }
}
