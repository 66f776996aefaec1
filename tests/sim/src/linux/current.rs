//! Which simulated thread is calling.

use std::cell::Cell;
use std::ptr;

use super::os_thread::OsThread;
use super::states::Slot;

thread_local! {
    /// The calling thread, if it is simulated, otherwise null. A thread that finds it set holds the token:
    /// it is set after the thread has got the token for the first time, and a thread that waits for the
    /// token does not look.
    static CURRENT: Cell<*mut OsThread> = const { Cell::new(ptr::null_mut()) };
    /// The calling thread, if it is simulated but acts [`outside`] for now, otherwise null.
    static CURRENT_OUTSIDE: Cell<*mut OsThread> = const { Cell::new(ptr::null_mut()) };
}

/// Whether the calling thread is simulated, and so holds the token.
#[inline]
pub(crate) fn is_simulated() -> bool {
    !CURRENT.get().is_null()
}

/// The slot of the calling thread, if it is simulated.
#[inline]
pub(crate) fn slot() -> Option<Slot> {
    let own = CURRENT.get();
    // SAFETY: the record of a simulated thread outlives the thread.
    (!own.is_null()).then(|| unsafe { (*own).slot.get() })
}

/// Whether the calling thread holds the token, even if it acts [`outside`] for now.
pub(crate) fn holds_token() -> bool {
    is_simulated() || !CURRENT_OUTSIDE.get().is_null()
}

/// Calls `work` as if the calling thread were not simulated. The thread keeps the token.
pub(crate) fn outside<R>(work: impl FnOnce() -> R) -> R {
    let own = CURRENT.replace(ptr::null_mut());
    let outer = CURRENT_OUTSIDE.replace(own);
    let result = preemption::without(work);
    CURRENT_OUTSIDE.set(outer);
    CURRENT.set(own);
    result
}

/// Makes the calling thread a simulated one. It has just got the token for the first time.
pub(crate) fn enter(own: *mut OsThread) {
    CURRENT.set(own);
}

/// The calling thread is no longer simulated.
pub(crate) fn leave() {
    CURRENT.set(ptr::null_mut());
}
