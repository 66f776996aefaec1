//! The simulation on Linux with glibc.

mod backtraces;
mod check;
mod context;
mod frames;
mod heap;
mod real;
mod region;
mod seat;
mod stacks;
mod symbols;
mod threads;
mod threads_report;
mod token;
mod trace;
mod watch;
mod world;

use std::ffi::c_void;
use std::fmt;
use std::io;
use std::time::Duration;

use crate::report::{Stall, ThreadReport};
use crate::{Digest, Simulation};
use trace::Trace;
use world::World;

/// The stack of the first simulated thread, in bytes.
const MAIN_STACK: usize = 8 << 20;

type Main = Box<dyn FnOnce() + Send>;

pub(crate) fn available() -> io::Result<()> {
    region::reserve()?;
    region::release();
    Ok(())
}

pub(crate) fn steady_addresses() -> io::Result<()> {
    // SAFETY: takes plain numbers; the argument asks for the present value and changes nothing.
    let present = unsafe { libc::personality(0xffff_ffff) };
    if present < 0 {
        return Err(io::Error::last_os_error());
    }
    let wanted = present as libc::c_ulong | libc::ADDR_NO_RANDOMIZE as libc::c_ulong;
    // SAFETY: as above; it changes how programs are started from now on, and nothing else.
    if unsafe { libc::personality(wanted) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

pub(crate) fn run(simulation: Simulation, main: Main, on_stall: fn(Stall) -> !) -> io::Error {
    if let Err(error) = region::reserve() {
        return error;
    }
    let world = World::new(simulation.seed, simulation.limit, Trace::new(simulation.trace));
    token::install(world, on_stall);
    seat::choose_switching(simulation.switching);
    let argument = Box::into_raw(Box::new(main)).cast::<c_void>();
    let first = match threads::create(None, MAIN_STACK, run_main, argument) {
        Ok(slot) => slot,
        Err(error) => return io::Error::from_raw_os_error(error),
    };
    seat::begin(token::with(|simulation| simulation.seat_of(first)));
    watch::watch(on_stall)
}

extern "C" fn run_main(main: *mut c_void) -> *mut c_void {
    // SAFETY: `run` has made it for this call.
    let main = unsafe { Box::from_raw(main.cast::<Main>()) };
    if let Some(what) = check::unseen() {
        token::end_with(Stall::Unseen(what));
    }
    main();
    // Without its first thread a simulation has no purpose.
    std::process::exit(0)
}

pub(crate) fn is_active() -> bool {
    token::is_simulated()
}

pub(crate) fn interrupt(one_in: u32) {
    if let Some(own) = token::current() {
        token::interrupt(own, one_in);
    }
}

pub(crate) fn note(key: u64, text: fmt::Arguments<'_>) {
    let Some(own) = token::current() else {
        return;
    };
    token::with(|simulation| {
        let world = &mut simulation.world;
        let (now, number) = (world.now(), world.thread(own).number);
        world.trace.note(now, number, key, text);
    });
}

pub(crate) fn digest() -> Option<Digest> {
    seat::holds_token().then(|| {
        token::with(|simulation| Digest {
            events: simulation.world.trace.events,
            hash: simulation.world.trace.hash,
            time: Duration::from_nanos(simulation.world.now()),
        })
    })
}

/// Changes whom the calling thread works for, and returns whom it has worked for.
pub(crate) fn set_owner(owner: Option<u32>) -> Option<u32> {
    let own = token::current()?;
    token::with(|simulation| std::mem::replace(&mut simulation.world.thread_mut(own).owner, owner))
}

pub(crate) fn outside<R>(work: impl FnOnce() -> R) -> R {
    seat::outside(work)
}

pub(crate) fn threads() -> Vec<ThreadReport> {
    token::current().map(threads_report::threads).unwrap_or_default()
}
