//! Tries all orders of a history: slow, but hard to get wrong.

use linearizability::Call;
use linearizability::kv::{Action, Operation};

/// Whether some order explains a history of a single key.
pub(crate) fn exists(history: &[Call<Operation>]) -> bool {
    place(&mut history.iter().collect(), "")
}

fn place(left: &mut Vec<&Call<Operation>>, value: &str) -> bool {
    if left.iter().all(|call| call.returned.is_none()) {
        return true;
    }
    for at in 0..left.len() {
        let call = left[at];
        let comes_later = |other: &&Call<Operation>| {
            other.returned.is_some_and(|returned| returned < call.called)
        };
        if left.iter().any(comes_later) {
            continue;
        }
        let next = match &call.operation.action {
            Action::Get { value: Some(answer) } if answer != value => continue,
            Action::Get { .. } => value.to_owned(),
            Action::Put { value } => value.clone(),
            Action::Append { value: suffix } => format!("{value}{suffix}"),
        };
        left.remove(at);
        let found = place(left, &next);
        left.insert(at, call);
        if found {
            return true;
        }
    }
    false
}
