//! How a node ends because of the submission: it says why in a last frame.

use std::panic::PanicHookInfo;
use std::sync::{Arc, OnceLock};
use std::thread;

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
    end(
        &FromNode::Panicked(Panicked {
            message: cut(message, LONGEST_TEXT),
            place: cut(&place, LONGEST_TEXT),
            thread: cut(thread::current().name().unwrap_or_default(), LONGEST_TEXT),
        }),
        exit::PANICKED,
    )
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
