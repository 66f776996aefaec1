//! A register: reads, writes, and compare-and-set.

use crate::call::Call;
use crate::model::{Hints, Model};

/// An operation on the one register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Reads the register.
    Read {
        /// The answer: `Some(None)` from an empty register, `None` if the call has not returned.
        answer: Option<Option<i64>>,
    },
    /// Writes a value.
    Write(i64),
    /// Writes `new` if the register holds `old`.
    CompareAndSet {
        /// The value that must be there.
        old: i64,
        /// The value afterwards.
        new: i64,
        /// Whether it was done; `None` if unknown.
        done: Option<bool>,
    },
}

impl Model for Operation {
    type Step = Operation;
    type State = Option<i64>;
    type Value = Option<i64>;

    fn key(&self) -> &str {
        ""
    }

    fn prepare(calls: &[&Call<Self>], _hints: Hints) -> Vec<Option<Operation>> {
        let needed =
            |call: &&Call<Self>| !matches!(call.operation, Operation::Read { answer: None });
        calls.iter().map(|call| needed(call).then_some(call.operation)).collect()
    }

    fn step(state: &Option<i64>, step: &Operation) -> Option<Option<i64>> {
        match *step {
            Operation::Read { answer } => (answer? == *state).then_some(*state),
            Operation::Write(value) => Some(Some(value)),
            Operation::CompareAndSet { old, new, done } => {
                let holds = *state == Some(old);
                let next = if holds { Some(new) } else { *state };
                done.is_none_or(|done| done == holds).then_some(next)
            }
        }
    }

    fn is_read(step: &Operation) -> bool {
        matches!(step, Operation::Read { .. } | Operation::CompareAndSet { done: Some(false), .. })
    }

    fn apply(&self, value: &mut Option<i64>) {
        match *self {
            Operation::Write(new) => *value = Some(new),
            Operation::CompareAndSet { old, new, .. } if *value == Some(old) => *value = Some(new),
            _ => {}
        }
    }

    fn describe(&self) -> String {
        match self {
            Operation::Read { answer: None } => "Read".to_owned(),
            Operation::Read { answer: Some(value) } => format!("Read -> {}", show(value)),
            Operation::Write(value) => format!("Write {value}"),
            Operation::CompareAndSet { old, new, done } => {
                let answer = match done {
                    Some(true) => " -> done",
                    Some(false) => " -> not done",
                    None => "",
                };
                format!("CompareAndSet {old} to {new}{answer}")
            }
        }
    }

    fn describe_value(value: &Option<i64>) -> String {
        show(value)
    }
}

fn show(value: &Option<i64>) -> String {
    value.map_or("nothing".to_owned(), |value| value.to_string())
}
