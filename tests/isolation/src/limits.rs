//! What the system itself limits for a confined process.

use std::time::Duration;

/// The processor time of one process.
pub const CPU_LIMIT: Duration = Duration::from_secs(120);

/// The signal that a process gets when it has used that.
pub const CPU_SIGNAL: i32 = libc::SIGXCPU;

/// The private memory that a process may reserve, in bytes. A simulation reserves much more than it uses; the
/// resident memory is watched from outside.
#[cfg(target_os = "linux")]
pub(crate) const DATA_LIMIT: u64 = 64 << 30;

/// How many descriptors a process may have.
#[cfg(target_os = "linux")]
pub(crate) const DESCRIPTOR_LIMIT: u64 = 16;
