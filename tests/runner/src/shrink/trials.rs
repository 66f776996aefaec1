//! Runs that are made to see whether they fail in the same way.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use super::goal::Goal;
use crate::choices::Choices;
use crate::programs::Programs;
use crate::task::Task;
use crate::verdict::Ended;
use crate::{interrupt, process};

/// How large a run is: its events, as the scheduler counts them.
pub(super) type Cost = u64;

/// Makes runs of one test.
pub(super) struct Trials<'a> {
    /// The test, with other choices in each run.
    pub(super) task: Task,
    pub(super) programs: &'a Programs,
    /// How a run must fail.
    pub(super) goal: Goal,
    /// Each run is bound to one of them.
    pub(super) processors: Vec<usize>,
    /// No run begins later.
    pub(super) deadline: Instant,
    /// No run may be larger.
    pub(super) largest: Cost,
    /// How many runs were made.
    pub(super) runs: AtomicU64,
}

impl Trials<'_> {
    /// No run begins any more.
    pub(super) fn is_over(&self) -> bool {
        Instant::now() >= self.deadline || interrupt::requested()
    }

    /// The first of these choices with which a run fails in the same way, as far as time allows.
    pub(super) fn first(&self, candidates: &[Choices]) -> Option<usize> {
        let mut begin = 0;
        for batch in candidates.chunks(self.at_once()) {
            if let Some(index) = self.costs(batch).iter().position(Option::is_some) {
                return Some(begin + index);
            }
            begin += batch.len();
        }
        None
    }

    /// Which of these choices make the smallest run that fails in the same way, if any does.
    pub(super) fn smallest(&self, candidates: Vec<Choices>) -> Option<(Choices, Cost)> {
        let costs: Vec<Option<Cost>> =
            candidates.chunks(self.at_once()).flat_map(|batch| self.costs(batch)).collect();
        let failed =
            candidates.into_iter().zip(costs).filter_map(|(choices, cost)| Some((choices, cost?)));
        failed.min_by_key(|(_, cost)| *cost)
    }

    /// Makes a run with each of these choices. Those that fail in the same way have a size.
    pub(super) fn costs(&self, batch: &[Choices]) -> Vec<Option<Cost>> {
        thread::scope(|scope| {
            let start = |(index, choices): (usize, &Choices)| {
                let (choices, processor) = (choices.clone(), self.processors.get(index).copied());
                scope.spawn(move || self.cost(choices, processor))
            };
            let runs: Vec<_> = batch.iter().enumerate().map(start).collect();
            runs.into_iter().map(|run| run.join().ok().flatten()).collect()
        })
    }

    fn cost(&self, choices: Choices, processor: Option<usize>) -> Option<Cost> {
        if self.is_over() {
            return None;
        }
        self.runs.fetch_add(1, Ordering::Relaxed);
        let Choices { seed, plan } = choices;
        let ended = process::run(
            &Task { seed, plan, processor, ..self.task.clone() },
            self.programs,
            false,
        );
        let cost = cost(&ended);
        (cost <= self.largest && self.goal.is_met(&ended.verdict)).then_some(cost)
    }

    /// How many runs are made at once.
    pub(super) fn at_once(&self) -> usize {
        self.processors.len().max(1)
    }
}

/// How large a run was.
pub(super) fn cost(ended: &Ended) -> Cost {
    ended.verdict.simulated.as_ref().map_or(0, |run| run.events)
}
