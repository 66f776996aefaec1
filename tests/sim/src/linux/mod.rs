//! The simulation on Linux with glibc. Its files, from the bottom up:
//!
//! - The machine: `arch` is what depends on the kind of processor, among it the change from one `context` to
//!   another. `real` is the libc behind the symbols that this crate defines, `region` is memory at fixed
//!   addresses.
//! - The scheduler: `world` decides who runs next and what time it is, in terms of `states`; `trace` hashes
//!   what happens.
//! - The threads: `os_thread` is the operating system's thread behind a simulated one, `switching` goes
//!   from one to the next, `current` says which one is calling, `stacks` gives them stacks.
//! - The simulation of this process: `active_simulation` is its data, `token` protects them and passes
//!   the right to run from thread to thread.
//! - What a simulated program calls: `threads`, `clocks` and `futex` do the work, `symbols` defines the
//!   functions of libc, `heap` the allocator, `calls` this crate's own functions. `preemptions` is called from
//!   anywhere in code that is compiled for it.
//! - Reports: `backtraces`, `frames`, `thread_reports`, and `watch`, which looks on from outside.
//! - The start: `self_check` and `run`.

mod active_simulation;
mod arch;
mod backtraces;
mod calls;
mod clocks;
mod context;
mod current;
mod frames;
mod futex;
mod heap;
mod interrupt_listener;
mod main_stack;
mod os_thread;
mod preemptions;
mod real;
mod region;
mod run;
mod self_check;
mod stacks;
mod states;
mod switching;
mod symbols;
mod thread_reports;
mod threads;
mod token;
mod trace;
mod watch;
mod world;

pub(crate) use arch::NAME as PROCESSOR;
pub(crate) use calls::{
    advance_to, await_end_of_turn, await_news, digest, interrupt, note, now, uninterrupted,
};
pub(crate) use current::{is_simulated as is_active, outside};
pub(crate) use interrupt_listener::listen as listen_to_interrupts;
pub(crate) use region::{available, steady_addresses};
pub(crate) use run::run;
pub(crate) use thread_reports::{thread_names, threads};
