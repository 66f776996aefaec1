//! What shows that a history is not linearizable.

use crate::any_search::AnySearch;
use crate::call::Call;
use crate::check::Partition;
use crate::model::{Hints, Model};
use crate::search::{Present, Problem, Progress};

/// How many values are gathered that the object may have had before the call that cannot be placed.
const VALUES: usize = 4;

/// How far the search goes on to find where the order breaks off, in steps of the model. What it does
/// not find then, the search that knows more has found.
const BUDGET: u64 = 2_000_000;

/// A call that no order explains, and what can be said around it.
#[derive(Debug)]
pub struct Evidence<'a, M: Model> {
    /// The key.
    pub key: &'a str,
    /// All its calls, in the order in which they began. The other fields are places in it.
    pub calls: Vec<&'a Call<M>>,
    /// A legal order that goes as far as any.
    pub order: Vec<usize>,
    /// The first call to return that no order explains.
    pub stuck: usize,
    /// The other calls that were in flight when it returned.
    pub in_flight: Vec<usize>,
    /// Values that the object can have had before it, that of `order` first; perhaps not all of them.
    pub values: Vec<M::Value>,
}

impl<'a, M: Model> Evidence<'a, M> {
    /// Looks for where the calls of an illegal partition can no longer be ordered.
    pub(crate) fn gather(partition: &Partition<'a, M>) -> Self {
        // Hints see trouble coming long before it can be seen in an answer.
        let mut plain = search(partition, Hints::Unused);
        if plain.run(BUDGET) == Progress::Illegal {
            return Evidence::at(partition, Hints::Unused, plain.furthest());
        }
        let mut hinted = search(partition, Hints::Used);
        while hinted.run(BUDGET) == Progress::Paused {}
        Evidence::at(partition, Hints::Used, hinted.furthest())
    }

    /// Searches again, and looks at the orders that explain the most returns.
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
