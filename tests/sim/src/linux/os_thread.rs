//! The operating system's thread behind a simulated thread.

use std::cell::{Cell, UnsafeCell};
use std::ffi::c_void;
use std::sync::atomic::AtomicU32;

use super::context::Context;
use super::real::Start;
use super::states::Slot;

/// The operating system's thread behind a simulated thread. It lives on the heap of the simulation from
/// the creation of the simulated thread until the operating system's thread has been joined.
pub(crate) struct OsThread {
    /// The simulated thread's slot in the world, once it has one.
    pub(crate) slot: Cell<Slot>,
    /// Runs the whole simulated thread, in the thread itself, when it first gets the token.
    pub(crate) body: fn(*mut OsThread),
    /// What the program wants the thread to do, and the argument for it.
    pub(crate) start: Start,
    pub(crate) argument: *mut c_void,
    /// With a carrier: 1 when the context can be continued. Without: 1 when the token is here to be
    /// taken.
    pub(crate) ready: AtomicU32,
    /// With a carrier: 1 when the simulated thread has ended and the operating system's may end, too.
    pub(crate) over: AtomicU32,
    /// With a carrier: where the simulated thread continues.
    pub(crate) context: UnsafeCell<Context>,
}

impl OsThread {
    pub(crate) fn new(
        body: fn(*mut OsThread),
        start: Start,
        argument: *mut c_void,
    ) -> *mut OsThread {
        Box::into_raw(Box::new(OsThread {
            slot: Cell::new(Slot::MAX),
            body,
            start,
            argument,
            ready: AtomicU32::new(0),
            over: AtomicU32::new(0),
            context: UnsafeCell::new(Context::EMPTY),
        }))
    }
}
