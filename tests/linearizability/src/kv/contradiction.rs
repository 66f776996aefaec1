//! What is wrong with the answer of a Get that no order explains.

use std::fmt::{self, Display, Formatter};

use super::operation::{Action, Operation};
use super::show;
use crate::call::Call;
use crate::evidence::Evidence;

/// The first thing in the answer of a Get that cannot be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contradiction<'a> {
    kind: Kind,
    /// The value that was written.
    pub value: &'a str,
    client: usize,
    known: Known,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The answer has the value more often than it was written.
    Repeated,
    /// The answer does not have it.
    Missing,
    /// The answer has it although it was replaced.
    Replaced,
}

/// Since when a value was there, in seconds before the Get began.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Known {
    /// The call that wrote it had returned.
    Written(f64),
    /// Another Get had returned it.
    Read(f64),
}

impl<'a> Contradiction<'a> {
    /// Finds it, if it can be told from the values that were there before this Get.
    pub fn find(evidence: &Evidence<'a, Operation>) -> Option<Self> {
        let get = evidence.calls[evidence.stuck];
        let Action::Get { value: Some(seen) } = &get.operation.action else {
            return None;
        };
        let is_in_any = |value: &str| evidence.values.iter().any(|known| known.contains(value));
        let is_in_all = |value: &str| evidence.values.iter().all(|known| known.contains(value));
        let times = |value: &str| {
            let writes = evidence.calls.iter().filter_map(|call| call.operation.action.written());
            writes.filter(|written| *written == value).count()
        };
        let find = |kind: Kind, is_so: &dyn Fn(&str) -> bool| {
            evidence.calls.iter().find_map(|call| {
                let value = call.operation.action.written().filter(|it| !it.is_empty())?;
                let known = known(&evidence.calls, call, value, get).filter(|_| is_so(value))?;
                Some(Contradiction { kind, value, client: call.client, known })
            })
        };
        find(Kind::Repeated, &|value| seen.matches(value).count() > times(value))
            .or_else(|| find(Kind::Missing, &|value| !seen.contains(value) && is_in_all(value)))
            .or_else(|| find(Kind::Replaced, &|value| seen.contains(value) && !is_in_any(value)))
    }

    /// Whether the value has had its effect more often than it was written.
    pub fn is_repeated(&self) -> bool {
        self.kind == Kind::Repeated
    }
}

/// Since when the value of a write was there before `get`; `None` if that is not certain.
fn known(
    calls: &[&Call<Operation>],
    write: &Call<Operation>,
    value: &str,
    get: &Call<Operation>,
) -> Option<Known> {
    let before =
        |call: &Call<Operation>| Some(get.called.checked_sub(call.returned?)? as f64 / 1e9);
    let has_it = |call: &Call<Operation>| match &call.operation.action {
        Action::Get { value: Some(seen) } => seen.contains(value),
        _ => false,
    };
    let read = || calls.iter().filter(|call| has_it(call)).find_map(|call| before(call));
    before(write).map(Known::Written).or_else(|| read().map(Known::Read))
}

impl Display for Contradiction<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Contradiction { kind, value, client, known } = self;
        let value = show::text(value);
        let known = match known {
            Known::Written(before) => {
                format!("which client {client} had written {before:.3} s before")
            }
            Known::Read(before) => {
                format!(
                    "which client {client} wrote and which a Get had returned {before:.3} s before"
                )
            }
        };
        match kind {
            Kind::Repeated => {
                write!(out, "it has {value} of client {client} more often than it was written")
            }
            Kind::Missing => write!(out, "it lacks {value}, {known}"),
            Kind::Replaced => write!(out, "it has {value}, {known} and which was replaced since"),
        }
    }
}
