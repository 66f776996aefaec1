//! What the system itself limits for a confined process.

use std::io;

use crate::limits::{CPU_LIMIT, DATA_LIMIT, DESCRIPTOR_LIMIT};

/// Limits this process. Makes system calls and nothing else.
///
/// # Errors
///
/// If the system refuses a limit.
pub(crate) fn apply() -> io::Result<()> {
    let cpu = CPU_LIMIT.as_secs();
    // The first limit of processor time sends a signal with a name, the second kills.
    limit(libc::RLIMIT_CPU, cpu, cpu + 5)?;
    limit(libc::RLIMIT_DATA, DATA_LIMIT, DATA_LIMIT)?;
    limit(libc::RLIMIT_NOFILE, DESCRIPTOR_LIMIT, DESCRIPTOR_LIMIT)?;
    limit(libc::RLIMIT_FSIZE, 0, 0)?;
    limit(libc::RLIMIT_CORE, 0, 0)?;
    limit(libc::RLIMIT_MEMLOCK, 0, 0)
}

fn limit(resource: libc::__rlimit_resource_t, soft: u64, hard: u64) -> io::Result<()> {
    let mut present = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the limit is written to a local.
    if unsafe { libc::getrlimit(resource, &raw mut present) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // An existing lower limit stays in force.
    let wanted =
        libc::rlimit { rlim_cur: soft.min(present.rlim_max), rlim_max: hard.min(present.rlim_max) };
    // SAFETY: the limit is read from a local.
    match unsafe { libc::setrlimit(resource, &raw const wanted) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
