//! The edges of compiled code, and how often each of them is passed.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Whether edges count. Compiled code looks here at the beginning of each function, and calls this crate at its
/// edges only if it has found 1.
#[unsafe(no_mangle)]
static __sancov_should_track: AtomicU64 = AtomicU64::new(0);

static HOOK: OnceLock<fn(&Edge)> = OnceLock::new();

/// The lower bits of an edge's word: how often it is passed until the hook is called. The bits above count the
/// calls. All are 0 at first.
const LEFT_BITS: u32 = 27;
const LEFT: u32 = (1 << LEFT_BITS) - 1;

/// An edge between two basic blocks. The compiler gives each a word.
pub struct Edge(AtomicU32);

impl Edge {
    /// How often [`Edge::call_again_after`] has been called for this edge; the count ends at 31.
    pub fn calls(&self) -> u32 {
        self.0.load(Ordering::Relaxed) >> LEFT_BITS
    }

    /// Lets the hook be called when the edge is passed this many times more. Until this is called, the hook is
    /// called each time.
    pub fn call_again_after(&self, passes: u32) {
        let calls = (self.calls() + 1).min(u32::MAX >> LEFT_BITS);
        self.0.store(calls << LEFT_BITS | passes.clamp(1, LEFT), Ordering::Relaxed);
    }

    /// Counts that it is passed.
    fn pass(&self) {
        let word = self.0.load(Ordering::Relaxed);
        if word & LEFT > 1 {
            self.0.store(word - 1, Ordering::Relaxed);
        } else if let Some(hook) = HOOK.get() {
            hook(self);
        }
    }
}

/// From now on edges count, and `hook` is called when one has been passed often enough. A process has one hook.
/// Only one thread at a time may run code with edges.
pub fn start(hook: fn(&Edge)) {
    let _ = HOOK.set(hook);
    __sancov_should_track.store(1, Ordering::Relaxed);
}

/// Calls `work`, in which no edge counts.
pub fn without<R>(work: impl FnOnce() -> R) -> R {
    let before = __sancov_should_track.swap(0, Ordering::Relaxed);
    let result = work();
    __sancov_should_track.store(before, Ordering::Relaxed);
    result
}

/// Calls `switch`, which lets another thread run. There edges count, even if the caller is inside of [`without`].
pub fn in_another_thread(switch: impl FnOnce()) {
    let counts = u64::from(HOOK.get().is_some());
    let before = __sancov_should_track.swap(counts, Ordering::Relaxed);
    switch();
    __sancov_should_track.store(before, Ordering::Relaxed);
}

/// The compiler calls this at each edge, with the edge's word.
#[unsafe(no_mangle)]
extern "C" fn __sanitizer_cov_trace_pc_guard(word: *const Edge) {
    if __sancov_should_track.load(Ordering::Relaxed) != 0 {
        // SAFETY: the word is a `u32` in static memory that nobody else uses.
        unsafe { &*word }.pass();
    }
}

/// The compiler calls this before `main`, once for each crate.
#[unsafe(no_mangle)]
extern "C" fn __sanitizer_cov_trace_pc_guard_init(_start: *const Edge, _stop: *const Edge) {}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::{Edge, start, without};

    static CALLS: AtomicU32 = AtomicU32::new(0);

    #[test]
    fn an_edge_calls_the_hook_when_it_was_passed_often_enough() {
        let edge = Edge(AtomicU32::new(0));
        let pass = || super::__sanitizer_cov_trace_pc_guard(&raw const edge);
        pass();
        start(|edge| {
            CALLS.fetch_add(1, Ordering::Relaxed);
            edge.call_again_after(3);
        });
        pass();
        assert_eq!((CALLS.load(Ordering::Relaxed), edge.calls()), (1, 1));
        without(pass);
        pass();
        pass();
        assert_eq!(CALLS.load(Ordering::Relaxed), 1);
        pass();
        assert_eq!((CALLS.load(Ordering::Relaxed), edge.calls()), (2, 2));
    }
}
