//! The functions of this crate. On systems that cannot simulate they behave as if no simulation ran.

use std::fmt;
use std::io;
use std::time::Duration;

use crate::guest::Host;
use crate::platform;
use crate::report::{Interruption, Stall, ThreadReport};
use crate::simulation::{Digest, Simulation};

/// The kind of processor that this program is compiled for, such as x86-64. A seed is another run on each kind.
pub const PROCESSOR: &str = platform::PROCESSOR;

/// Whether this system can run simulations.
///
/// # Errors
///
/// If it cannot, with the reason.
pub fn available() -> io::Result<()> {
    platform::available()
}

/// Stops the system from placing programs at random addresses. This holds for programs that this process
/// starts from now on.
///
/// Without it a replay is still exact for programs that do not depend on the addresses of their statics.
///
/// # Errors
///
/// If the kernel refuses, as it does in some containers.
pub fn steady_addresses() -> io::Result<()> {
    platform::steady_addresses()
}

/// Runs `main` as the first thread of a simulation, until it returns or the process ends otherwise.
///
/// When `main` returns, the simulation ends the process. This function returns only if the simulation
/// cannot start, with the reason. `on_stall` is called when the simulation cannot continue: in the first
/// simulated thread if the scheduler notices it, otherwise in the calling thread.
pub fn run(
    simulation: Simulation,
    main: impl FnOnce() + Send + 'static,
    on_stall: fn(Stall) -> !,
) -> io::Error {
    platform::run(simulation, None, Box::new(main), on_stall)
}

/// Does the same in a guest: when all threads wait, `host` decides at what time they go on.
pub fn run_as_guest(
    simulation: Simulation,
    host: Box<dyn Host>,
    main: impl FnOnce() + Send + 'static,
    on_stall: fn(Stall) -> !,
) -> io::Error {
    platform::run(simulation, Some(host), Box::new(main), on_stall)
}

/// Blocks the calling thread of a guest until its host has news. One thread may wait at a time. Outside of a
/// simulation it does nothing.
pub fn await_news() {
    platform::await_news();
}

/// Blocks the calling thread of a guest until all others wait and the turn is about to go to the host, once in
/// each turn. What the thread sees then is what the guest is like until its next turn. A turn that is too long
/// ends before others wait, and in one in which an interrupted thread has not gone on it goes on waiting. One
/// thread may wait at a time. Outside of a simulation it does nothing.
pub fn await_end_of_turn() {
    platform::await_end_of_turn();
}

/// The virtual time since the simulation began; `None` outside of a simulation.
pub fn now() -> Option<Duration> {
    platform::now()
}

/// Moves virtual time forward, if `time` is later than now: something outside of the simulation has taken so
/// long. Outside of a simulation it does nothing.
pub fn advance_to(time: Duration) {
    platform::advance_to(time);
}

/// Calls `work`, during which no other simulated thread runs. `work` must not wait.
pub fn uninterrupted<R>(work: impl FnOnce() -> R) -> R {
    platform::uninterrupted(work)
}

/// Whether the calling thread is simulated.
pub fn is_active() -> bool {
    platform::is_active()
}

/// Lets other threads run here if the seed says so, once in `one_in` times on average. Outside of a
/// simulation it does nothing.
pub fn interrupt(one_in: u32) {
    platform::interrupt(one_in);
}

/// Has `listener` called, outside of the simulation, before a thread is interrupted where it would not have to wait.
/// It is called only where choices are left to chance for a part of the time
/// ([`Chance::windows`](crate::Chance::windows)): otherwise there are too many interrupts. Only the first listener
/// counts.
pub fn listen_to_interrupts(listener: impl Fn(Interruption) + Send + Sync + 'static) {
    platform::listen_to_interrupts(Box::new(listener));
}

/// Notes an event of the program itself: `key` counts for the digest, `text` is for the written trace.
pub fn note(key: u64, text: fmt::Arguments<'_>) {
    platform::note(key, text);
}

/// What has happened so far; `None` outside of a simulation.
pub fn digest() -> Option<Digest> {
    platform::digest()
}

/// Calls `work` outside of the simulation, so that it leaves no trace in the run. `work` must not wait for
/// anything that a simulated thread does.
pub fn outside<R>(work: impl FnOnce() -> R) -> R {
    platform::outside(work)
}

/// The names of all threads of the simulation that have not ended, cut off after 15 bytes; none outside of a
/// simulation.
pub fn thread_names() -> Vec<String> {
    platform::thread_names()
}

/// What all threads of the simulation are doing; empty outside of a simulation.
pub fn threads() -> Vec<ThreadReport> {
    platform::threads()
}
