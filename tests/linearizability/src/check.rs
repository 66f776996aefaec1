//! From a history to a verdict.

use std::collections::HashMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use crate::call::Call;
use crate::evidence::Evidence;
use crate::fingerprint::BuildNumberHasher;
use crate::flights::Flights;
use crate::mask::{Mask, WideMask};
use crate::model::{Hints, Model};
use crate::parallel;
use crate::search::{Progress, Search};

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
    let mut trials: Vec<Trial<'a, M>> =
        split(history).into_iter().enumerate().map(Trial::new).collect();
    let first_illegal = AtomicUsize::new(usize::MAX);
    parallel::for_each(&mut trials, threads, |trial| trial.attempt(&first_illegal));
    let mut illegal = first_illegal.into_inner();
    if illegal == usize::MAX {
        trials.retain(|trial| trial.problem.is_some());
        let hard = trials.iter().filter_map(|trial| trial.problem.as_ref());
        match race(hard, limits, threads, begun) {
            Race::AllFound => return Verdict::Linearizable,
            Race::OutOfLimits => return Verdict::Unknown,
            Race::Illegal(index) => illegal = index,
        }
    }
    let Trial { partition, .. } = trials.swap_remove(illegal);
    Verdict::Illegal(Box::new(Violation { partition }))
}

/// A partition on its own, before it has to take turns.
struct Trial<'a, M: Model> {
    index: usize,
    partition: Partition<'a, M>,
    /// Present if the partition is hard.
    problem: Option<Problem<M>>,
}

impl<'a, M: Model> Trial<'a, M> {
    fn new((index, partition): (usize, Partition<'a, M>)) -> Self {
        Trial { index, partition, problem: None }
    }

    /// Searches a little: most partitions are easy. What comes after one that is illegal does not matter.
    fn attempt(&mut self, first_illegal: &AtomicUsize) {
        if self.index > first_illegal.load(Ordering::Relaxed) {
            return;
        }
        let problem = Problem::new(&self.partition, Hints::Used);
        let progress = problem.search().run(FIRST_BUDGET + 2 * self.partition.calls.len() as u64);
        match progress {
            Progress::Linearizable => {}
            Progress::Illegal => {
                first_illegal.fetch_min(self.index, Ordering::Relaxed);
            }
            Progress::Paused => self.problem = Some(problem),
        }
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

/// A partition as the search needs it.
pub(crate) struct Problem<M: Model> {
    steps: Vec<Option<M::Step>>,
    pub(crate) flights: Flights,
}

impl<M: Model> Problem<M> {
    pub(crate) fn new(partition: &Partition<'_, M>, hints: Hints) -> Self {
        let steps = M::prepare(&partition.calls, hints);
        let flights = Flights::new(&partition.calls, |call| steps[call].is_some());
        Problem { steps, flights }
    }

    pub(crate) fn search(&self) -> AnySearch<'_, M> {
        if self.flights.slots() <= 64 {
            AnySearch::Narrow(Search::new(&self.steps, &self.flights))
        } else {
            AnySearch::Wide(Search::new(&self.steps, &self.flights))
        }
    }
}

/// A search, whatever its masks.
pub(crate) enum AnySearch<'a, M: Model> {
    Narrow(Search<'a, M, u64>),
    Wide(Search<'a, M, WideMask>),
}

impl<M: Model> AnySearch<'_, M> {
    pub(crate) fn run(&mut self, budget: u64) -> Progress {
        match self {
            AnySearch::Narrow(search) => search.run(budget),
            AnySearch::Wide(search) => search.run(budget),
        }
    }

    pub(crate) fn size(&self) -> usize {
        match self {
            AnySearch::Narrow(search) => search.size(),
            AnySearch::Wide(search) => search.size(),
        }
    }

    pub(crate) fn furthest(&self) -> u32 {
        match self {
            AnySearch::Narrow(search) => search.furthest(),
            AnySearch::Wide(search) => search.furthest(),
        }
    }

    pub(crate) fn present(&self) -> Option<(u32, M::State)> {
        match self {
            AnySearch::Narrow(search) => search.present(),
            AnySearch::Wide(search) => search.present(),
        }
    }

    pub(crate) fn order(&self) -> Vec<u32> {
        fn collect<M: Model, K: Mask>(search: &Search<'_, M, K>) -> Vec<u32> {
            search.order().collect()
        }
        match self {
            AnySearch::Narrow(search) => collect(search),
            AnySearch::Wide(search) => collect(search),
        }
    }
}

enum Race {
    AllFound,
    /// The first of the partitions for which no order was found in the earliest round.
    Illegal(usize),
    OutOfLimits,
}

struct Runner<'a, M: Model> {
    search: AnySearch<'a, M>,
    progress: Progress,
}

/// Lets all partitions search in turns, in rounds of doubling budgets. A round ends for all of them, so
/// that threads make no difference.
fn race<'a, M: Model + 'a>(
    problems: impl Iterator<Item = &'a Problem<M>>,
    limits: &Limits,
    threads: NonZero<usize>,
    begun: Instant,
) -> Race {
    let runner =
        |problem: &'a Problem<M>| Runner { search: problem.search(), progress: Progress::Paused };
    let mut runners: Vec<(usize, Runner<'a, M>)> = problems.map(runner).enumerate().collect();
    let share = limits.configurations / runners.len().max(1);
    let mut budget = FIRST_BUDGET;
    while !runners.is_empty() {
        parallel::for_each(&mut runners, threads, |(_, runner)| {
            let mut left = budget;
            while left > 0 && runner.progress == Progress::Paused && begun.elapsed() < limits.time {
                let slice = left.min(SLICE);
                runner.progress = runner.search.run(slice);
                left -= slice;
            }
        });
        let illegal = runners.iter().find(|(_, runner)| runner.progress == Progress::Illegal);
        if let Some((index, _)) = illegal {
            return Race::Illegal(*index);
        }
        runners.retain(|(_, runner)| runner.progress == Progress::Paused);
        let too_large = |(_, runner): &(usize, Runner<'a, M>)| runner.search.size() > share;
        if begun.elapsed() >= limits.time || runners.iter().any(too_large) {
            break;
        }
        budget *= 2;
    }
    if runners.is_empty() { Race::AllFound } else { Race::OutOfLimits }
}
