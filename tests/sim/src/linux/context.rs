//! Where a simulated thread continues, when it runs on a thread of the operating system that runs others, too.

use std::ffi::c_void;

/// Where a simulated thread continues.
#[derive(Debug)]
pub(crate) struct Context {
    /// The stack pointer. The callee-saved registers are on the stack.
    pub(crate) stack: usize,
    /// The register through which thread-locals are found.
    pub(crate) thread: usize,
}

/// The first function on a new stack.
pub(crate) type Entry = extern "C" fn(*mut c_void) -> !;

impl Context {
    /// A context that has not been saved yet.
    pub(crate) const EMPTY: Context = Context { stack: 0, thread: 0 };
}
