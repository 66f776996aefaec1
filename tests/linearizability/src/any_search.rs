//! A search for any number of calls in flight at once.

use crate::mask::WideMask;
use crate::model::Model;
use crate::search::{Present, Problem, Progress, Search};

/// A search with masks of the size that its problem needs.
pub(crate) enum AnySearch<M: Model> {
    Narrow(Search<M, u64>),
    Wide(Search<M, WideMask>),
}

/// Calls a method of either search.
macro_rules! either {
    ($search:expr, $inner:ident => $call:expr) => {
        match $search {
            AnySearch::Narrow($inner) => $call,
            AnySearch::Wide($inner) => $call,
        }
    };
}

impl<M: Model> AnySearch<M> {
    pub(crate) fn new(problem: Problem<M>) -> Self {
        if problem.slots() <= 64 {
            AnySearch::Narrow(Search::new(problem))
        } else {
            AnySearch::Wide(Search::new(problem))
        }
    }

    pub(crate) fn run(&mut self, budget: u64) -> Progress {
        either!(self, search => search.run(budget))
    }

    pub(crate) fn size(&self) -> usize {
        either!(self, search => search.size())
    }

    pub(crate) fn furthest(&self) -> u32 {
        either!(self, search => search.furthest())
    }

    pub(crate) fn present(&self) -> Option<Present<M::State>> {
        either!(self, search => search.present())
    }

    pub(crate) fn order(&self) -> Vec<usize> {
        either!(self, search => search.order())
    }

    pub(crate) fn in_flight(&self, number: u32) -> Vec<usize> {
        either!(self, search => search.in_flight(number))
    }
}
