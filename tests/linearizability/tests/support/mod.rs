//! Histories for tests and benchmarks, drawn from a seed.

use linearizability::Call;
use linearizability::kv::{Action, Operation};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// The shape of a generated history.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) clients: usize,
    pub(crate) keys: usize,
    pub(crate) calls: usize,
    /// The share of slow calls, and how long they take in microseconds.
    pub(crate) stalls: (f64, u64),
}

/// Fifteen clerks and fifteen keys; one call in ten takes about 30 ms.
pub(crate) const LAB: Shape = Shape { clients: 15, keys: 15, calls: 20_000, stalls: (0.1, 30_000) };

/// The same with partitions: one call in fifty takes about a second.
pub(crate) const PARTITIONED: Shape = Shape { stalls: (0.02, 1_000_000), ..LAB };

/// Five clerks on one key.
pub(crate) const HOT: Shape = Shape { clients: 5, keys: 1, ..LAB };

/// Fifteen clerks on one key.
pub(crate) const HOTTER: Shape = Shape { clients: 15, keys: 1, calls: 5_000, ..LAB };

/// A linearizable history of clerks that make one call after the other: half Appends, a few Puts, and
/// Gets for the rest.
pub(crate) fn history(shape: Shape, seed: u64) -> Vec<Call<Operation>> {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut free = vec![0u64; shape.clients];
    let mut planned = Vec::new();
    for number in 0..shape.calls {
        let client = (0..shape.clients).min_by_key(|client| free[*client]).expect("there is one");
        let called = free[client] + rng.random_range(10..200);
        let takes = if rng.random_bool(shape.stalls.0) {
            rng.random_range(shape.stalls.1 / 2..shape.stalls.1 * 3 / 2)
        } else {
            rng.random_range(500..3_000)
        };
        let happens = called + rng.random_range(0..=takes);
        free[client] = called + takes;
        planned.push((
            happens,
            number,
            client,
            called,
            called + takes,
            rng.random_range(0..shape.keys),
        ));
    }
    planned.sort_unstable();
    let mut values = vec![String::new(); shape.keys];
    let mut history = Vec::new();
    for (_, number, client, called, returned, key) in planned {
        let value = format!("x {client} {number} y");
        let action = match rng.random_range(0..100) {
            0..50 => {
                values[key].push_str(&value);
                Action::Append { value }
            }
            50..55 => {
                values[key].clone_from(&value);
                Action::Put { value }
            }
            _ => Action::Get { value: Some(values[key].clone()) },
        };
        let operation = Operation { key: key.to_string(), action };
        history.push(Call {
            client,
            called: called * 1_000,
            returned: Some(returned * 1_000),
            operation,
        });
    }
    history.sort_by_key(|call| call.called);
    history
}

/// Makes one Get, two thirds into the history, give an answer from long before.
pub(crate) fn spoil(mut history: Vec<Call<Operation>>) -> Vec<Call<Operation>> {
    let from = history.len() * 2 / 3;
    let is_get = |call: &Call<Operation>| matches!(&call.operation.action, Action::Get { value: Some(value) } if !value.is_empty());
    let late = (from..history.len()).find(|at| is_get(&history[*at])).expect("there are Gets");
    let key = history[late].operation.key.clone();
    let stale = history[..from / 2]
        .iter()
        .rfind(|call| call.operation.key == key && is_get(call))
        .expect("the key was read before")
        .operation
        .action
        .clone();
    history[late].operation.action = stale;
    history
}
