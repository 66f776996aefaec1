//! Deterministic simulation of unmodified threads.
//!
//! A program that uses ordinary `std::thread`, locks, channels, sleeps and clocks runs here in virtual
//! time, on a schedule drawn from a seed. The same seed always gives the same run on the same kind of processor. The
//! program needs no wrapper types, no feature flag and no special build.
//!
//! ```no_run
//! use std::time::{Duration, Instant};
//!
//! let simulation = sim::Simulation {
//!     chance: sim::Chance::always(17),
//!     schedule: sim::Schedule::Drawn,
//!     naps: None,
//!     clock_rate: sim::ClockRate::EXACT,
//!     begin: Duration::ZERO,
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
//! On Linux, a Rust program blocks, reads the time, starts threads and draws random bytes through a few
//! functions of libc. This crate defines functions with the same names (`linux/symbols.rs`), and the
//! dynamic linker prefers an executable's own definitions to those of a library. Calls from threads that
//! are not simulated are passed on to libc.
//!
//! Each simulated thread is a thread of the operating system, with its own stack and thread-locals. The
//! *token* is the right to run: one simulated thread holds it at any time, and all others wait for it.
//! The *world* is what the scheduler knows: which threads there are, which of them can run, what the
//! others wait for, and what time it is.
//!
//! When the thread with the token has to wait, the scheduler chooses the next one with a seeded random
//! generator. How it does that is itself drawn from the seed (`linux/world/strategy.rs`): with equal chances, by
//! priorities of threads, or by priorities of their next steps. When no thread can run, virtual time jumps to the
//! next deadline. When there is no deadline either, the program is deadlocked. A thread can be interrupted when it wakes or starts another thread,
//! reads a clock, allocates memory, or calls [`interrupt`], and in crates that are compiled for it between any
//! two basic blocks (the crate `preemption`): depending on the seed, another thread runs first, or the thread is
//! delayed for some milliseconds, as happens on a busy system. If it is asked for ([`Naps`]), single threads are
//! also delayed for seconds.
//!
//! Memory and stacks of simulated threads lie at fixed addresses, because what a program does can depend
//! on addresses. For example, parking_lot keeps its queues in a table that is hashed by them.
//!
//! A simulation can be a *guest* of another process ([`run_as_guest`]). When all its threads wait, time does not
//! jump: its [`Host`] gets the turn and says when they go on. So a simulation spans processes: one of them owns
//! the time, and each of the others schedules its own threads in its turn.
//!
//! # Choices
//!
//! Each millisecond of virtual time has a random generator of its own ([`Draws`]). So the choices in it do not depend on
//! how many there were before, and a run can be changed in one place and stay as it is in others. [`Chance`] says in
//! which milliseconds choices are left to chance. At other times they are *plain*: the thread that has waited for
//! longest runs, and none is interrupted. A run with fewer choices of its own is easier to understand.
//!
//! # What it does not do
//!
//! - It does not interrupt a thread between any two instructions, only at the places listed above. In particular
//!   it does not reorder what a thread writes to memory.
//! - It does not simulate files, sockets or processes, apart from guests. A thread that waits for one of them
//!   stops all others.
//! - It does not replay a program that depends on anything else, such as the time-stamp counter, `/proc`
//!   or the environment.
//! - It does not give the same run for a seed on another kind of processor: the compiler makes other basic blocks
//!   there, and std's hash maps have another order. So [`Digest`]s are others, too.
//! - It does not run twice in a process. The process ends with the simulation.
//!
//! # What it relies on
//!
//! Miri cannot run any of this. These are the assumptions, how each is tested, and what could break it:
//!
//! - *An executable's symbols take precedence over libc's, and std calls them.* Each simulation first
//!   checks that reading a clock, sleeping, yielding, drawing random numbers, starting a thread and waiting
//!   reach this crate (`linux/self_check.rs`), and ends with [`Stall::Unseen`] if one of them does not. A
//!   std that called the kernel directly would break this, and so would static linking.
//! - *`syscall`, variadic in C, can be defined with seven integers.* The calling conventions of Linux on
//!   x86-64 and AArch64 allow it. Every lock in the tests of `tests/replay` goes through this function.
//! - *Threads block only in futexes, with the operations wait and wake.* Other operations fail with
//!   `ENOSYS`, so they are noticed. Pthread's own locks, which C libraries use, would block the only
//!   running thread; the watch from outside the simulation (`linux/watch.rs`) finds that.
//! - *Destructors of thread-locals are registered with `__cxa_thread_atexit_impl`.* They run at the end of
//!   a simulated thread, while it is still scheduled: see the programs `thread_locals` and
//!   `deadlock_in_a_destructor` in `tests/replay`. A std that used pthread keys would run them later; then
//!   `deadlock_in_a_destructor` fails.
//! - *After its destructors a thread runs no more code of the program.* The operating system's thread only
//!   returns. Its stack is used again after it has been joined: see `many_threads` and `detached_threads`.
//! - *Thread-locals are found through one register: FS on x86-64, TPIDR_EL0 on AArch64.* The carrier, the one
//!   thread that runs all simulated threads (`linux/switching.rs`), changes it together with the stack, if the
//!   kernel allows that. Every program of `tests/replay` must make the same trace with and without a carrier.
//!   Shadow stacks would break it, if a distribution turned them on for Rust programs.
//! - *Memory orders are right.* Simulated threads of one carrier share a processor. Where they, the carrier and the
//!   threads that sleep below it meet, atomic operations order what they write. An emulator on x86-64, where
//!   AArch64 has been tested, does not show a mistake there.
//! - *What is compiled executes the same basic blocks in each run.* Another compiler, other optimizations, or another
//!   kind of processor can make other blocks; then a seed gives another run. Without the calls that `.cargo/rustc`
//!   has the compiler insert, simulations work as well, but do not interrupt threads there: `deadlock_by_preemption`
//!   in `tests/replay` makes such calls itself.
//! - *No thread outside of the simulation starts or ends while it runs.* std keeps a list of all threads'
//!   guard pages, which grows with each thread. A program that starts such threads must wait until they
//!   run before it calls [`run`].
//! - *Addresses are the same in each run*, at least those of heap and stacks, which lie in a fixed region:
//!   every program of `tests/replay` must make the same trace when the system places the program at random
//!   addresses. Addresses of statics are also the same if the kernel allows it; see [`steady_addresses`].

mod api;
mod chance;
mod guest;
// The only place that says which systems can simulate.
#[cfg_attr(
    all(
        target_os = "linux",
        target_env = "gnu",
        not(target_feature = "crt-static"),
        any(target_arch = "x86_64", target_arch = "aarch64")
    ),
    path = "linux/mod.rs"
)]
#[cfg_attr(
    not(all(
        target_os = "linux",
        target_env = "gnu",
        not(target_feature = "crt-static"),
        any(target_arch = "x86_64", target_arch = "aarch64")
    )),
    path = "unsupported.rs"
)]
mod platform;
mod report;
mod simulation;
mod time;

pub use api::{
    PROCESSOR, advance_to, available, await_end_of_turn, await_news, digest, interrupt, is_active,
    listen_to_interrupts, note, now, outside, run, run_as_guest, steady_addresses, thread_names,
    threads, uninterrupted,
};
pub use chance::{Chance, Draws};
pub use guest::{Host, Pause, Resumed};
pub use report::{Frame, Interruption, Stall, ThreadReport};
pub use simulation::{ClockRate, Digest, Naps, Schedule, Simulation, Switching, TraceFile};
