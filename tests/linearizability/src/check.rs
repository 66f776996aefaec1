//! From a history to a verdict.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use crate::any_search::AnySearch;
use crate::call::Call;
use crate::evidence::Evidence;
use crate::model::{Hints, Model};
use crate::parallel;
use crate::partition::{Partition, partitions_of};
use crate::search::{Problem, Progress};

/// How far a check may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many threads search; `None` for one per processor. Neither the verdict nor its evidence
    /// depends on it.
    pub threads: Option<NonZero<usize>>,
    /// How long to search once the history is prepared; 10 s by default, kept to some milliseconds.
    pub time: Duration,
    /// How many configurations to remember in all; 4 million by default, of some 60 bytes each.
    pub configurations: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { threads: None, time: Duration::from_secs(10), configurations: 4_000_000 }
    }
}

/// The result of a check.
pub enum Verdict<'a, M: Model> {
    /// An order explains the history.
    Linearizable,
    /// No order does.
    Illegal(Box<Violation<'a, M>>),
    /// The search has reached its limits. This is not a pass.
    Unknown,
}

/// A key whose calls no order explains.
pub struct Violation<'a, M: Model> {
    partition: Partition<'a, M>,
}

impl<'a, M: Model> Violation<'a, M> {
    /// Finds the call that shows it. This searches once more, for some seconds at most.
    pub fn evidence(&self) -> Evidence<'a, M> {
        Evidence::gather(&self.partition)
    }
}

/// A history with fewer calls is checked on one thread.
const PARALLEL_FROM: usize = 4_096;

/// The budget of a partition in the first round, in steps of the model; it doubles each round. When a
/// search begins it has as many, and two more for each call.
const FIRST_BUDGET: u64 = 1_000;

/// How many steps a search makes before it looks at the limits again.
const SLICE: u64 = 16_384;

/// Checks a history, each key by itself.
pub fn check<'a, M: Model>(history: &'a [Call<M>], limits: &Limits) -> Verdict<'a, M> {
    let begun = Instant::now();
    let threads = match limits.threads {
        _ if history.len() < PARALLEL_FROM => NonZero::<usize>::MIN,
        Some(threads) => threads,
        None => available_parallelism().unwrap_or(NonZero::<usize>::MIN),
    };
    let mut runners: Vec<Runner<'a, M>> =
        partitions_of(history).into_iter().enumerate().map(Runner::new).collect();
    let first_illegal = AtomicUsize::new(usize::MAX);
    parallel::for_each(&mut runners, threads, |runner| runner.begin(&first_illegal));
    let share = limits.configurations / runners.len().max(1);
    let mut budget = FIRST_BUDGET;
    loop {
        if let Some(at) = runners.iter().position(|runner| runner.progress == Progress::Illegal) {
            let Runner { partition, .. } = runners.swap_remove(at);
            return Verdict::Illegal(Box::new(Violation { partition }));
        }
        runners.retain(|runner| runner.progress == Progress::Paused);
        if runners.is_empty() {
            return Verdict::Linearizable;
        }
        if begun.elapsed() >= limits.time || runners.iter().any(|runner| runner.size() > share) {
            return Verdict::Unknown;
        }
        // A round ends for all before the next begins, so that the number of threads makes no difference.
        parallel::for_each(&mut runners, threads, |runner| {
            let mut left = budget;
            while left > 0 && runner.progress == Progress::Paused && begun.elapsed() < limits.time {
                let slice = left.min(SLICE);
                runner.run(slice);
                left -= slice;
            }
        });
        budget *= 2;
    }
}

/// A partition and its search. Partitions take turns, in rounds with doubling budgets.
struct Runner<'a, M: Model> {
    index: usize,
    partition: Partition<'a, M>,
    search: Option<AnySearch<M>>,
    progress: Progress,
}

impl<'a, M: Model> Runner<'a, M> {
    fn new((index, partition): (usize, Partition<'a, M>)) -> Self {
        Runner { index, partition, search: None, progress: Progress::Paused }
    }

    /// Prepares the search, and searches a little: that is enough for most partitions. Once a partition is
    /// illegal, those after it do not matter.
    fn begin(&mut self, first_illegal: &AtomicUsize) {
        if self.index > first_illegal.load(Ordering::Relaxed) {
            return;
        }
        let calls = &self.partition.calls;
        let mut search = AnySearch::new(Problem::new(calls, Hints::Used));
        self.progress = search.run(FIRST_BUDGET + 2 * calls.len() as u64);
        match self.progress {
            Progress::Linearizable => {}
            Progress::Illegal => {
                first_illegal.fetch_min(self.index, Ordering::Relaxed);
            }
            Progress::Paused => self.search = Some(search),
        }
    }

    fn run(&mut self, budget: u64) {
        if let Some(search) = &mut self.search {
            self.progress = search.run(budget);
        }
    }

    fn size(&self) -> usize {
        self.search.as_ref().map_or(0, AnySearch::size)
    }
}
