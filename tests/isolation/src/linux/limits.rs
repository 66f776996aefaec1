//! What the system itself limits for a confined process.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::limits::{CPU_LIMIT, DATA_LIMIT, DESCRIPTOR_LIMIT};

/// Limits this process. Makes system calls and nothing else.
///
/// # Errors
///
/// If the system refuses a limit.
pub(crate) fn apply() -> io::Result<()> {
    let cpu = CPU_LIMIT.as_secs();
    // The first limit of processor time sends a signal with a name, the second kills.
    limit(Resource::Cpu, cpu, cpu + 5)?;
    limit(Resource::Data, DATA_LIMIT, DATA_LIMIT)?;
    limit(Resource::Nofile, DESCRIPTOR_LIMIT, DESCRIPTOR_LIMIT)?;
    limit(Resource::Fsize, 0, 0)?;
    limit(Resource::Core, 0, 0)?;
    limit(Resource::Memlock, 0, 0)
}

fn limit(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let present = getrlimit(resource).maximum;
    // An existing lower limit stays in force.
    let lowest = |wanted: u64| Some(present.map_or(wanted, |present| wanted.min(present)));
    Ok(setrlimit(resource, Rlimit { current: lowest(soft), maximum: lowest(hard) })?)
}
