//! The evidence in words.

use std::fmt::Write;

use crate::call::Call;
use crate::evidence::Evidence;
use crate::model::Model;

/// How many calls of the legal order are shown.
const SHOWN: usize = 5;

/// Explains a violation in a few lines: the call that does not fit, the values that the key can have had
/// then, the calls that were in flight, and the last calls before.
pub fn explain<M: Model>(evidence: &Evidence<'_, M>) -> String {
    let Evidence { key, calls, order, stuck, in_flight, values } = evidence;
    let mut text = format!("key {key:?}: no order of the calls explains\n{}", line(calls[*stuck]));
    text.push_str(if values.len() == 1 {
        "then the value was\n"
    } else {
        "then the value was one of\n"
    });
    for value in values {
        let _ = writeln!(text, "  {}", M::describe_value(value));
    }
    if !in_flight.is_empty() {
        text.push_str("also in flight, and perhaps done before it\n");
        in_flight.iter().for_each(|call| text.push_str(&line(calls[*call])));
    }
    let before: Vec<usize> =
        order.iter().copied().filter(|call| !in_flight.contains(call)).collect();
    if !before.is_empty() {
        text.push_str("before that, in this order\n");
        let skipped = before.len().saturating_sub(SHOWN);
        if skipped > 0 {
            let _ = writeln!(text, "  ... {skipped} calls");
        }
        before[skipped..].iter().for_each(|call| text.push_str(&line(calls[*call])));
    }
    text
}

fn line<M: Model>(call: &Call<M>) -> String {
    let time = span(call);
    format!("  client {:<3} {time:<17} {}\n", call.client, call.operation.describe())
}

/// The begin and the end of a call, in seconds.
pub(crate) fn span<O>(call: &Call<O>) -> String {
    let seconds = |time: u64| time as f64 / 1e9;
    match call.returned {
        Some(returned) => format!("{:.4}-{:.4}s", seconds(call.called), seconds(returned)),
        None => format!("{:.4}s-", seconds(call.called)),
    }
}
