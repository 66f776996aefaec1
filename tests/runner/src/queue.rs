//! The runs that are left to make.

use std::path::PathBuf;

use records::{Clock, Seed};

use crate::case::Case;
use crate::plan::Plan;
use crate::task::{Task, fresh_seed};

/// How the tests of a queue run.
pub(crate) struct Runs {
    pub(crate) clock: Clock,
    /// The first seed of every test; without one, each test draws its own.
    pub(crate) seed: Option<Seed>,
    /// Which choices are left to chance.
    pub(crate) plan: Plan,
    /// How many seeds each test runs with: the first and those that follow.
    pub(crate) seeds: u64,
    /// Where a simulation writes all its events.
    pub(crate) trace: Option<PathBuf>,
}

/// All runs that are left, test by test.
pub(crate) struct Queue<'a> {
    cases: &'a [Case],
    runs: Runs,
    /// How many runs the first of `cases` has left.
    left: u64,
    next_seed: Seed,
}

impl<'a> Queue<'a> {
    /// All runs of these tests.
    pub(crate) fn new(cases: &'a [Case], runs: Runs) -> Self {
        let (left, next_seed) = (runs.seeds, runs.seed.unwrap_or_else(fresh_seed));
        Queue { cases, runs, left, next_seed }
    }

    /// Takes the next run.
    pub(crate) fn next(&mut self) -> Option<Task> {
        if self.left == 0 {
            self.cases = self.cases.get(1..)?;
            self.left = self.runs.seeds;
            self.next_seed = self.runs.seed.unwrap_or_else(fresh_seed);
        }
        let case = *self.cases.first()?;
        let seed = self.next_seed;
        self.left -= 1;
        self.next_seed = Seed(seed.0.wrapping_add(1));
        Some(Task {
            case,
            seed,
            plan: self.runs.plan.clone(),
            clock: self.runs.clock,
            trace: self.runs.trace.clone(),
            recording: false,
            processor: None,
        })
    }

    /// Drops the rest.
    pub(crate) fn clear(&mut self) {
        self.cases = &[];
        self.left = 0;
    }

    /// How many runs are left.
    pub(crate) fn len(&self) -> u64 {
        let later = self.cases.len().saturating_sub(1) as u64;
        later.saturating_mul(self.runs.seeds).saturating_add(self.left)
    }
}
