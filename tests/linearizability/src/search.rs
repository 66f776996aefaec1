//! The search for an order of one key's calls.

use std::collections::HashSet;

use crate::call::Call;
use crate::fingerprint::BuildNumberHasher;
use crate::flights::Flights;
use crate::mask::Mask;
use crate::model::{Hints, Model};

/// The state of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// There is an order.
    Linearizable,
    /// There is none.
    Illegal,
    /// The budget is used up; the search can continue.
    Paused,
}

/// The calls of one key, as the search needs them.
pub(crate) struct Problem<M: Model> {
    steps: Vec<Option<M::Step>>,
    flights: Flights,
}

impl<M: Model> Problem<M> {
    pub(crate) fn new(calls: &[&Call<M>], hints: Hints) -> Self {
        let steps = M::prepare(calls, hints);
        let flights = Flights::new(calls, |call| steps[call].is_some());
        Problem { steps, flights }
    }

    /// The most calls that are in flight at once.
    pub(crate) fn slots(&self) -> usize {
        self.flights.slots()
    }
}

/// A depth-first search that can be paused.
pub(crate) struct Search<M: Model, K> {
    problem: Problem<M>,
    /// Invariant: each frame's configuration follows from the one below it by `placed`.
    stack: Vec<Frame<K, M::State>>,
    /// Configurations that no order can continue from. One on the stack needs no entry: an order only
    /// grows, so the search cannot meet it again before it leaves it.
    dead: HashSet<Configuration<K, M::State>, BuildNumberHasher>,
    /// The most returns that an order has explained so far.
    furthest: u32,
}

/// What an order of some calls has led to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Configuration<K, S> {
    /// How many returns are explained. Every call that returned by then is placed, and no call that began
    /// later.
    explained: u32,
    /// Which of the calls in flight at the next return are placed.
    placed: K,
    state: S,
}

struct Frame<K, S> {
    configuration: Configuration<K, S>,
    /// The call that was placed to get here; meaningless in the lowest frame.
    call: u32,
    /// The next of the calls in flight to try.
    next: u32,
}

/// In `next`: nothing is left to try.
const DONE: u32 = u32::MAX;

impl<M: Model, K: Mask> Search<M, K> {
    pub(crate) fn new(problem: Problem<M>) -> Self {
        let configuration = Configuration {
            explained: 0,
            placed: K::empty(problem.flights.slots()),
            state: M::State::default(),
        };
        Search {
            problem,
            stack: vec![Frame { configuration, call: 0, next: 0 }],
            dead: HashSet::default(),
            furthest: 0,
        }
    }

    /// Continues for about `budget` steps of the model.
    pub(crate) fn run(&mut self, budget: u64) -> Progress {
        let Problem { steps, flights } = &self.problem;
        if flights.returns() == 0 {
            return Progress::Linearizable;
        }
        let mut left = budget;
        while left > 0 {
            let Some(frame) = self.stack.last_mut() else {
                return Progress::Illegal;
            };
            let child = frame.next_child::<M>(steps, flights, &mut left);
            let Some(child) = child else {
                let dead = self.stack.pop().expect("it was the last one").configuration;
                self.dead.insert(dead);
                continue;
            };
            let explained = child.configuration.explained;
            if explained == flights.returns() {
                return Progress::Linearizable;
            }
            if self.dead.is_empty() || !self.dead.contains(&child.configuration) {
                self.furthest = self.furthest.max(explained);
                self.stack.push(child);
            }
        }
        Progress::Paused
    }

    /// The number of configurations in memory.
    pub(crate) fn size(&self) -> usize {
        self.dead.len() + self.stack.len()
    }

    /// The most returns that an order has explained.
    pub(crate) fn furthest(&self) -> u32 {
        self.furthest
    }

    /// What the present order explains. `None` once the search has found that there is no order.
    pub(crate) fn present(&self) -> Option<Present<M::State>> {
        let configuration = &self.stack.last()?.configuration;
        Some(Present { explained: configuration.explained, state: configuration.state })
    }

    /// The calls that are placed now, in their order.
    pub(crate) fn order(&self) -> Vec<usize> {
        self.stack.iter().skip(1).map(|frame| frame.call as usize).collect()
    }

    /// The calls in flight at a return, the one that returns first.
    pub(crate) fn in_flight(&self, number: u32) -> Vec<usize> {
        self.problem.flights.at(number).iter().map(|call| *call as usize).collect()
    }
}

/// How many returns an order explains, and its state.
pub(crate) struct Present<S> {
    pub(crate) explained: u32,
    pub(crate) state: S,
}

impl<K: Mask, S: Copy> Frame<K, S> {
    /// Places one more call. `None` if all candidates have been tried.
    fn next_child<M: Model<State = S>>(
        &mut self,
        steps: &[Option<M::Step>],
        flights: &Flights,
        left: &mut u64,
    ) -> Option<Self> {
        let in_flight = flights.at(self.configuration.explained);
        if self.next == 0 {
            *left = left.saturating_sub(1);
            if let Some(read) = self.legal_read::<M>(steps, flights, in_flight) {
                self.next = DONE;
                return Some(self.with(flights, read, self.configuration.state));
            }
        }
        while let Some(call) = in_flight.get(self.next as usize).copied() {
            self.next += 1;
            let Some(step) = &steps[call as usize] else {
                continue;
            };
            // A legal read would have been placed above.
            if M::is_read(step) || self.configuration.placed.contains(flights.slot(call)) {
                continue;
            }
            *left = left.saturating_sub(1);
            if let Some(state) = M::step(&self.configuration.state, step) {
                return Some(self.with(flights, call, state));
            }
        }
        None
    }

    /// A read whose answer fits now. It changes nothing, so placing it later is never better.
    fn legal_read<M: Model<State = S>>(
        &self,
        steps: &[Option<M::Step>],
        flights: &Flights,
        in_flight: &[u32],
    ) -> Option<u32> {
        let state = &self.configuration.state;
        let legal = |call: &u32| {
            steps[*call as usize].as_ref().is_some_and(|step| {
                M::is_read(step)
                    && !self.configuration.placed.contains(flights.slot(*call))
                    && M::step(state, step).is_some()
            })
        };
        in_flight.iter().copied().find(legal)
    }

    fn with(&self, flights: &Flights, call: u32, state: S) -> Self {
        let mut configuration = Configuration {
            explained: self.configuration.explained,
            placed: self.configuration.placed.clone(),
            state,
        };
        configuration.placed.insert(flights.slot(call));
        while configuration.explained < flights.returns() {
            let slot = flights.slot(flights.at(configuration.explained)[0]);
            if !configuration.placed.contains(slot) {
                break;
            }
            configuration.placed.remove(slot);
            configuration.explained += 1;
        }
        Frame { configuration, call, next: 0 }
    }
}
