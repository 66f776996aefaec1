//! What the system itself limits for a confined process.

use std::time::Duration;

/// The processor time of one process.
pub const CPU_LIMIT: Duration = Duration::from_secs(120);

/// The signal that a process gets when it has used that.
pub const CPU_SIGNAL: i32 = libc::SIGXCPU;
