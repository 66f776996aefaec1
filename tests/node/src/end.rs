//! How a node ends because of the submission: it says why in a last frame.

use std::backtrace::Backtrace;
use std::panic::PanicHookInfo;
use std::sync::{Arc, OnceLock};
use std::thread;

use ::recording::place_in_submission;
use protocol::{FromNode, Panicked};
use sim::Stall;

use crate::connection::Connection;
use crate::text::cut;
use crate::{exit, recording};

/// The longest text in a last frame, in bytes.
const LONGEST_TEXT: usize = 64 << 10;

/// The connection of this process, for the panic hook and for the end of a simulation, which are functions.
static CONNECTION: OnceLock<Arc<Connection>> = OnceLock::new();

/// From now on a panic of any thread ends the process.
pub(crate) fn watch(connection: &Arc<Connection>) {
    // A process has one connection.
    let _ = CONNECTION.set(connection.clone());
    std::panic::set_hook(Box::new(|info| {
        if !recording::is_describing() {
            sim::uninterrupted(|| end_by_panic(info));
        }
    }));
}

fn end_by_panic(info: &PanicHookInfo<'_>) {
    let payload = info.payload();
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message");
    let place = info.location().map_or("an unknown place".to_owned(), ToString::to_string);
    let place = with_caller(place, &Backtrace::force_capture().to_string());
    end(
        &FromNode::Panicked(Panicked {
            message: cut(message, LONGEST_TEXT),
            place: cut(&place, LONGEST_TEXT),
            thread: cut(thread::current().name().unwrap_or_default(), LONGEST_TEXT),
        }),
        exit::PANICKED,
    )
}

/// The place of a panic and who has called what panics there. If a function of a library has panicked, as
/// `Instant - Duration` does, its caller comes first.
fn with_caller(place: String, backtrace: &str) -> String {
    let places = backtrace.lines().filter_map(|line| line.trim().strip_prefix("at "));
    let mut own: Vec<&str> = places.filter_map(place_in_submission).collect();
    own.dedup();
    match (place_in_submission(&place), own.as_slice()) {
        (None, [caller, ..]) => format!("{caller}, in a call that panics at {place}"),
        (Some(_), [_, caller, ..]) => format!("{place}, called at {caller}"),
        _ => place,
    }
}

/// Ends the process because its simulation cannot continue.
pub(crate) fn by_stall(stall: Stall) -> ! {
    end(&FromNode::Stalled(stall), exit::STALLED)
}

fn end(message: &FromNode, code: i32) -> ! {
    match CONNECTION.get() {
        Some(connection) => connection.end(message, code),
        None => exit::broken("a node ends before it has a connection"),
    }
}

#[cfg(test)]
mod tests {
    use super::with_caller;

    const BACKTRACE: &str = "
   4: raft::raft::State::await_leader
             at /labs/raft/src/raft.rs:391:34
   5: raft::raft::Raft::follow
             at /labs/raft/src/raft.rs:330:9";

    #[test]
    fn a_panic_in_a_library_is_told_with_the_line_that_has_called_it() {
        let library = "
   2: core::option::expect_failed
             at /rustc/1/library/core/src/option.rs:2184:5
   3: <std::time::Instant as core::ops::arith::Sub>::sub
             at /rustc/1/library/std/src/time.rs:440:9";
        let place = "/rustc/1/library/std/src/time.rs:440:9";
        assert_eq!(
            with_caller(place.to_owned(), &format!("{library}{BACKTRACE}")),
            format!("raft/src/raft.rs:391:34, in a call that panics at {place}")
        );
        assert_eq!(with_caller(place.to_owned(), library), place);
    }

    #[test]
    fn a_panic_is_told_with_the_line_that_has_called_its_function() {
        let place = "raft/src/raft.rs:391:34";
        assert_eq!(
            with_caller(place.to_owned(), BACKTRACE),
            "raft/src/raft.rs:391:34, called at raft/src/raft.rs:330:9"
        );
        assert_eq!(with_caller(place.to_owned(), ""), place);
    }
}
