//! Deterministic simulation of unmodified threads.
//!
//! A program that uses ordinary `std::thread`, locks, channels, sleeps and clocks runs here in virtual
//! time, on a schedule drawn from a seed, and runs again exactly, from the same seed. Nothing in the
//! program knows of it: no wrapper types, no feature flag, no other build.
//!
//! ```no_run
//! use std::time::{Duration, Instant};
//!
//! let simulation = sim::Simulation {
//!     seed: 17,
//!     limit: Duration::from_secs(7200),
//!     trace: None,
//!     switching: sim::Switching::Fastest,
//! };
//! let error = sim::run(
//!     simulation,
//!     || {
//!         let begun = Instant::now();
//!         std::thread::sleep(Duration::from_secs(3600));
//!         println!("an hour later: {:?}", begun.elapsed());
//!     },
//!     |stall| {
//!         eprintln!("{stall:?}");
//!         std::process::exit(1)
//!     },
//! );
//! eprintln!("cannot simulate: {error}");
//! ```
//!
//! # How it works
//!
//! On Linux, everything by which a Rust program blocks, tells the time, makes threads or draws random
//! bytes goes through a few functions of libc. This crate defines them (`linux/symbols.rs`); an
//! executable's own definition takes precedence. A thread that is not simulated is passed on to libc.
//!
//! Simulated threads are threads of the system, with their own stacks and thread-locals, but only one of
//! them at a time holds the *token* and runs. When it waits, the scheduler chooses the next with a seeded
//! generator; when nobody can run, virtual time jumps to the next deadline; when there is none, that is a
//! deadlock. Where a thread can be interrupted - it wakes another, starts one, reads a clock,
//! allocates, or calls [`interrupt`] - the seed may let another go first, or keep it waiting for some
//! milliseconds, as a busy system does.
//!
//! Memory and stacks of simulated threads lie at fixed addresses, because programs depend on addresses:
//! parking_lot keeps its queues in a table hashed by them.
//!
//! # What it does not do
//!
//! It does not interrupt a thread between any two instructions: only where it comes to the scheduler, or
//! allocates. It does not simulate files, sockets or processes; a thread that waits for them stops all
//! others. A program that depends on something past these functions - the time-stamp counter, `/proc`,
//! the environment - does not replay. A simulation runs once in a process, whose end is its end.
//!
//! # What it relies on
//!
//! Miri cannot run any of this. Each assumption, how it is tested, and what could break it:
//!
//! - *An executable's symbols go before libc's, and std calls them.* Each simulation checks at its start
//!   that clocks, sleeps, yields, random numbers, threads and waits come by (`linux/check.rs`), and ends
//!   with [`Stall::Unseen`] if not. A std that called the kernel by itself would break it, as would static
//!   linking.
//! - *`syscall`, variadic in C, can be defined with seven integers.* So it is in the calling convention
//!   of x86-64 Linux. Every lock in the tests of `tests/replay` goes through it.
//! - *Threads are blocked by futexes alone, with the operations wait and wake.* Others fail with `ENOSYS`,
//!   loudly. Pthread's own locks, which C libraries use, would block the only running thread; the watch
//!   from outside finds that.
//! - *Destructors of thread-locals are registered by `__cxa_thread_atexit_impl`.* They run at the end of a
//!   simulated thread, still in its place in the schedule: `thread_locals` and `deadlock_in_a_destructor`.
//!   A std that used pthread keys would run them outside; then `deadlock_in_a_destructor` fails.
//! - *Nothing of a thread runs after that.* The system's thread only returns; its stack is used again
//!   after it has been joined: `many_threads`, `detached_threads`.
//! - *Thread-locals are found by the FS register (x86-64).* The carrier changes it with the stack; the
//!   kernel says whether programs may. Every program of `tests/replay` must make the same trace with and
//!   without a carrier. Shadow stacks, if a distribution turned them on for Rust programs, would break it.
//! - *The threads outside have begun, and none begins or ends during the simulation.* std keeps a list of
//!   all threads' guard pages, which grows as they come. Whoever starts some waits for them before [`run`].
//! - *Addresses are the same in each run*, at least those of heap and stacks, which lie in a fixed region:
//!   every program of `tests/replay` must make the same trace at addresses that the system has drawn.
//!   Those of statics also are if the kernel allows it; see [`steady_addresses`].

#[cfg(not(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64")))]
#[path = "unsupported.rs"]
mod linux;

#[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64"))]
mod linux;

mod report;

use std::fmt;
use std::fs::File;
use std::io;
use std::time::Duration;

pub use report::{Frame, Stall, ThreadReport};

/// What a simulation is made from.
#[derive(Debug)]
pub struct Simulation {
    /// Decides all that is left to chance.
    pub seed: u64,
    /// The virtual time that it may take.
    pub limit: Duration,
    /// Gets a line for each event.
    pub trace: Option<File>,
    /// How to get from thread to thread; the schedule is the same either way.
    pub switching: Switching,
}

/// How a simulation gets from one thread to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Switching {
    /// The fastest way that the machine has.
    #[default]
    Fastest,
    /// The way that every machine has: through the kernel, some hundred times slower.
    Kernel,
}

/// What a simulation has done so far. Two runs of a seed have equal digests at the same place in the
/// program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest {
    /// The number of events.
    pub events: u64,
    /// A hash of all events, in order.
    pub hash: u64,
    /// The virtual time since the simulation began.
    pub time: Duration,
}

/// Whether this system can simulate at all.
///
/// # Errors
///
/// If not, with the reason.
pub fn available() -> io::Result<()> {
    linux::available()
}

/// Keeps the system from placing programs at random addresses that this process starts from now on.
///
/// Without it a replay still holds for programs that do not depend on the addresses of their statics.
///
/// # Errors
///
/// If the kernel refuses, as some containers have it do.
pub fn steady_addresses() -> io::Result<()> {
    linux::steady_addresses()
}

/// Runs `main` as the first thread of a simulation, until it returns or the process ends otherwise.
///
/// The simulation ends the process when `main` returns. It returns only if it cannot start, with the
/// reason. `on_stall` is called when the simulation cannot go on: in the first simulated thread if the
/// scheduler finds out, otherwise in the calling one.
pub fn run(
    simulation: Simulation,
    main: impl FnOnce() + Send + 'static,
    on_stall: fn(Stall) -> !,
) -> io::Error {
    linux::run(simulation, Box::new(main), on_stall)
}

/// Whether the calling thread is simulated.
pub fn is_active() -> bool {
    linux::is_active()
}

/// Lets other threads run here if the seed says so, once in `one_in` times. Outside of a simulation it
/// does nothing.
pub fn interrupt(one_in: u32) {
    linux::interrupt(one_in);
}

/// Notes an event of the program's own: `key` counts for the digest, `text` is for a written trace.
pub fn note(key: u64, text: fmt::Arguments<'_>) {
    linux::note(key, text);
}

/// What has happened so far; `None` outside of a simulation.
pub fn digest() -> Option<Digest> {
    linux::digest()
}

/// Calls `work` on behalf of `owner`: threads that it starts belong to that owner, and reports say so.
pub fn as_owner<R>(owner: u32, work: impl FnOnce() -> R) -> R {
    let before = linux::set_owner(Some(owner));
    let result = work();
    linux::set_owner(before);
    result
}

/// Calls `work` outside of the simulation: it leaves no mark on the run. `work` must not wait for
/// anything that a simulated thread does.
pub fn outside<R>(work: impl FnOnce() -> R) -> R {
    linux::outside(work)
}

/// What all threads of the simulation are at; empty outside of one.
pub fn threads() -> Vec<ThreadReport> {
    linux::threads()
}
