//! How long this process is kept waiting for a processor. On a machine that has too much to do, a test on the
//! clock can fail for that alone.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long a watching thread sleeps between two looks.
pub(crate) const STEP: Duration = Duration::from_millis(50);

/// The longest delay so far, in nanoseconds.
static LONGEST: AtomicU64 = AtomicU64::new(0);

/// Measures how much longer `wait` takes than it should.
pub(crate) fn measure(intended: Duration, wait: impl FnOnce()) {
    let begun = Instant::now();
    wait();
    let delay = begun.elapsed().saturating_sub(intended);
    LONGEST.fetch_max(u64::try_from(delay.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
}

/// The longest delay that was measured in this process so far.
pub(crate) fn longest() -> Duration {
    Duration::from_nanos(LONGEST.load(Ordering::Relaxed))
}
