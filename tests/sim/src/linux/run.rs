//! The start of a simulation.

use std::ffi::c_void;
use std::io;

use super::active_simulation::ActiveSimulation;
use super::trace::Trace;
use super::world::World;
use super::{heap, preemptions, region, self_check, switching, threads, token, watch};
use crate::guest::Host;
use crate::report::Stall;
use crate::simulation::Simulation;

/// The size of the first simulated thread's stack, in bytes.
const MAIN_STACK: usize = 8 << 20;

type Main = Box<dyn FnOnce() + Send>;

/// Runs `main` as the first simulated thread. Returns only if the simulation cannot start.
pub(crate) fn run(
    simulation: Simulation,
    host: Option<Box<dyn Host>>,
    main: Main,
    on_stall: fn(Stall) -> !,
) -> io::Error {
    if let Err(error) = region::reserve() {
        return error;
    }
    heap::keep_to_one_arena();
    let Simulation { chance, schedule, naps, clock_rate, begin, limit, trace, switching } =
        simulation;
    let mut world = World::new(chance, schedule, begin, limit, Trace::new(trace));
    world.clock_rate = clock_rate;
    if let Some(naps) = naps {
        world.let_nap(naps);
    }
    if host.is_some() {
        world.take_turns();
    }
    token::install(ActiveSimulation::new(world, host, on_stall));
    switching::choose(switching);
    let argument = Box::into_raw(Box::new(main)).cast::<c_void>();
    let first = match threads::create(None, MAIN_STACK, run_main, argument) {
        Ok(slot) => slot,
        Err(error) => return io::Error::from_raw_os_error(error),
    };
    switching::start(token::with(|simulation| simulation.os_thread(first)));
    watch::watch(on_stall)
}

extern "C" fn run_main(main: *mut c_void) -> *mut c_void {
    // SAFETY: `run` made this box for this one call.
    let main = unsafe { Box::from_raw(main.cast::<Main>()) };
    if let Some(what) = self_check::unseen() {
        token::end_with(Stall::Unseen(what.to_owned()));
    }
    preemptions::start();
    main();
    // Without its first thread a simulation has no purpose.
    std::process::exit(0)
}
