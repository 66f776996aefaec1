//! Systems that cannot simulate: everything behaves as if no simulation ran.

use std::fmt;
use std::io;
use std::time::Duration;

use crate::guest::Host;
use crate::report::{Interruption, Stall, ThreadReport};
use crate::simulation::{Digest, Simulation};

pub(crate) const PROCESSOR: &str = std::env::consts::ARCH;

fn unsupported() -> io::Error {
    io::Error::other("simulations need Linux with glibc, linked dynamically, on x86-64 or AArch64")
}

pub(crate) fn available() -> io::Result<()> {
    Err(unsupported())
}

pub(crate) fn steady_addresses() -> io::Result<()> {
    Err(unsupported())
}

pub(crate) fn run(
    _: Simulation,
    _: Option<Box<dyn Host>>,
    _: Box<dyn FnOnce() + Send>,
    _: fn(Stall) -> !,
) -> io::Error {
    unsupported()
}

pub(crate) fn is_active() -> bool {
    false
}

pub(crate) fn interrupt(_: u32) {}

pub(crate) fn listen_to_interrupts(_: Box<dyn Fn(Interruption) + Send + Sync>) {}

pub(crate) fn await_news() {}

pub(crate) fn await_end_of_turn() {}

pub(crate) fn now() -> Option<Duration> {
    None
}

pub(crate) fn advance_to(_: Duration) {}

pub(crate) fn uninterrupted<R>(work: impl FnOnce() -> R) -> R {
    work()
}

pub(crate) fn note(_: u64, _: fmt::Arguments<'_>) {}

pub(crate) fn digest() -> Option<Digest> {
    None
}

pub(crate) fn outside<R>(work: impl FnOnce() -> R) -> R {
    work()
}

pub(crate) fn thread_names() -> Vec<String> {
    Vec::new()
}

pub(crate) fn threads() -> Vec<ThreadReport> {
    Vec::new()
}
