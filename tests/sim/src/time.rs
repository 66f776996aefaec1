//! Virtual time as the simulation counts it.

use std::time::Duration;

/// The time in nanoseconds; in 584 years the count ends.
pub(crate) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
