//! Why a history is not linearizable.

use crate::any_search::AnySearch;
use crate::call::Call;
use crate::model::{Hints, Model};
use crate::partition::Partition;
use crate::search::{Present, Problem, Progress};

/// How many of the values that the object can have had before the stuck call are collected.
const VALUES: usize = 4;

/// How many steps of the model the search for the end of the longest order may take. If that is not
/// enough, the search with hints finds it.
const BUDGET: u64 = 2_000_000;

/// A call that no order explains, and what surrounds it.
#[derive(Debug)]
pub struct Evidence<'a, M: Model> {
    /// The key.
    pub key: &'a str,
    /// All its calls, in the order in which they began. The other fields hold indexes into these.
    pub calls: Vec<&'a Call<M>>,
    /// A legal order of some of the calls; none explains more returns.
    pub order: Vec<usize>,
    /// The first call to return that no order explains.
    pub stuck: usize,
    /// The other calls that were in flight when it returned.
    pub in_flight: Vec<usize>,
    /// Values that the object can have had before it, the one after `order` first; perhaps not all.
    pub values: Vec<M::Value>,
}

impl<'a, M: Model> Evidence<'a, M> {
    /// Finds the call at which all orders of an illegal partition end.
    pub(crate) fn gather(partition: &Partition<'a, M>) -> Self {
        // With hints, a search fails long before an answer shows why.
        let mut plain = search(partition, Hints::Unused);
        if plain.run(BUDGET) == Progress::Illegal {
            return Evidence::at(partition, Hints::Unused, plain.furthest());
        }
        let mut hinted = search(partition, Hints::Used);
        while hinted.run(BUDGET) == Progress::Paused {}
        Evidence::at(partition, Hints::Used, hinted.furthest())
    }

    /// Searches again, and keeps the orders that explain the most returns.
    fn at(partition: &Partition<'a, M>, hints: Hints, furthest: u32) -> Self {
        let mut search = search(partition, hints);
        let mut order: Option<Vec<usize>> = None;
        let mut states = Vec::new();
        let mut values = Vec::new();
        let mut spent = 0;
        loop {
            if let Some(Present { explained, state }) = search.present()
                && explained == furthest
                && !states.contains(&state)
            {
                let placed = search.order();
                states.push(state);
                values.push(value_after(partition, &placed));
                order.get_or_insert(placed);
            }
            spent += 1;
            let over = values.len() == VALUES || spent > BUDGET && order.is_some();
            if over || search.run(1) != Progress::Paused {
                break;
            }
        }
        let mut in_flight = search.in_flight(furthest);
        Evidence {
            key: partition.key,
            calls: partition.calls.clone(),
            order: order.unwrap_or_default(),
            stuck: in_flight.remove(0),
            in_flight,
            values,
        }
    }
}

fn search<M: Model>(partition: &Partition<'_, M>, hints: Hints) -> AnySearch<M> {
    AnySearch::new(Problem::new(&partition.calls, hints))
}

fn value_after<M: Model>(partition: &Partition<'_, M>, order: &[usize]) -> M::Value {
    let mut value = M::Value::default();
    for call in order {
        partition.calls[*call].operation.apply(&mut value);
    }
    value
}
