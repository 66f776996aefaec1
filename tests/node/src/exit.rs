//! How a node ends by itself.

use std::fmt::Display;
use std::process;

/// The exit code after the judge has gone.
const ALONE: i32 = 0;

/// The exit code after a last frame with a [`Stalled`](protocol::FromNode::Stalled).
pub(crate) const STALLED: i32 = 1;

/// The exit code if the judge says what it must not say. An honest submission never causes it.
pub(crate) const BROKEN_HARNESS: u8 = 76;

/// The exit code after a last frame with a [`Panicked`](protocol::FromNode::Panicked), as of any Rust program.
pub(crate) const PANICKED: i32 = 101;

/// Ends the process because the judge has gone.
pub(crate) fn alone() -> ! {
    process::exit(ALONE)
}

/// Ends the process because the harness is broken.
pub(crate) fn broken(problem: impl Display) -> ! {
    let line = format!("the harness is broken: {problem}\n");
    // Not through `std::io::stderr`: a thread that waits for its turn may hold the lock of that.
    let _ = rustix::io::write(rustix::stdio::stderr(), line.as_bytes());
    process::exit(BROKEN_HARNESS.into())
}
