//! From a history to a verdict.

use std::collections::HashMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use crate::any_search::AnySearch;
use crate::call::Call;
use crate::evidence::Evidence;
use crate::fingerprint::BuildNumberHasher;
use crate::model::{Hints, Model};
use crate::parallel;
use crate::search::{Problem, Progress};

/// How far a check may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Threads to search with; `None` for as many as there are processors. The verdict, and what it says,
    /// do not depend on it.
    pub threads: Option<NonZero<usize>>,
    /// How long to search; 10 s. Kept within some milliseconds, once the history is prepared.
    pub time: Duration,
    /// How many configurations to remember in all; 4 million, of some 60 bytes each.
    pub configurations: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { threads: None, time: Duration::from_secs(10), configurations: 4_000_000 }
    }
}

/// What is known of a history.
pub enum Verdict<'a, M: Model> {
    /// There is an order that explains it.
    Linearizable,
    /// There is none.
    Illegal(Box<Violation<'a, M>>),
    /// The search has come to its limits. This is not a pass.
    Unknown,
}

/// A key whose calls no order explains.
pub struct Violation<'a, M: Model> {
    partition: Partition<'a, M>,
}

impl<'a, M: Model> Violation<'a, M> {
    /// Finds out where it shows: this searches once more, for some seconds at most.
    pub fn evidence(&self) -> Evidence<'a, M> {
        Evidence::gather(&self.partition)
    }
}

/// Fewer calls than this are not worth a second thread.
const WORTH_THREADS: usize = 4_096;

/// The budget of a partition on its own and in the first round, in steps of the model and besides two for
/// each call on its own; it doubles each round.
const FIRST_BUDGET: u64 = 1_000;

/// How many steps are made between two looks at the limits.
const SLICE: u64 = 16_384;

/// Checks a history: each key by itself.
pub fn check<'a, M: Model>(history: &'a [Call<M>], limits: &Limits) -> Verdict<'a, M> {
    let begun = Instant::now();
    let threads = match limits.threads {
        _ if history.len() < WORTH_THREADS => NonZero::<usize>::MIN,
        Some(threads) => threads,
        None => available_parallelism().unwrap_or(NonZero::<usize>::MIN),
    };
    let mut runners: Vec<Runner<'a, M>> =
        split(history).into_iter().enumerate().map(Runner::new).collect();
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
        // A round ends for all of them, so that threads make no difference.
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

/// A partition and its search. Partitions take turns, in rounds of doubling budgets.
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

    /// Prepares the search, and searches a little: most partitions are easy. What comes after one that is
    /// illegal does not matter.
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

/// The calls of one key, in the order in which they began.
pub(crate) struct Partition<'a, M> {
    pub(crate) key: &'a str,
    pub(crate) calls: Vec<&'a Call<M>>,
}

fn split<M: Model>(history: &[Call<M>]) -> Vec<Partition<'_, M>> {
    let mut places: HashMap<&str, usize, BuildNumberHasher> = HashMap::default();
    let mut partitions: Vec<Partition<'_, M>> = Vec::new();
    for call in history {
        let key = call.operation.key();
        let place = *places.entry(key).or_insert_with(|| {
            partitions.push(Partition { key, calls: Vec::new() });
            partitions.len() - 1
        });
        partitions[place].calls.push(call);
    }
    for partition in &mut partitions {
        partition.calls.sort_by_key(|call| call.called);
    }
    partitions.sort_by_key(|partition| partition.key);
    partitions
}
