//! The most that a submission may be.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

use crate::sandbox::Limits;

/// The largest file or archive that is opened, and the most text that is read from one submission, in
/// bytes.
pub(super) const SIZE: u64 = 8 << 20;

/// The largest source file, in bytes.
pub(super) const FILE_SIZE: u64 = 1 << 20;

/// The most files and folders, without those that builds and version control make.
pub(super) const ENTRIES: usize = 2_000;

/// The most files and folders of all kinds.
pub(super) const ALL_ENTRIES: usize = 20_000;

/// The longest path of a source file, in bytes.
pub(super) const PATH_LENGTH: usize = 200;

/// How deep folders may be nested.
pub(super) const DEPTH: usize = 32;

/// The most that a compressed archive may unpack to, in bytes, although nothing of it is kept but sources.
pub(super) const UNPACKED_SIZE: u64 = 32 << 20;

/// The processor time in seconds that reading may take. It takes milliseconds.
const CPU_SECONDS: i64 = 5;

/// The real time that reading may take on the busiest machine.
pub(super) const WALL_TIME: Duration = Duration::from_secs(120);

/// What the system enforces on the process that reads a submission, and on each one that it starts.
pub(super) const PROCESS: Limits = Limits { data: 64 << 20, file: 0, cpu: 10 };

/// What to tell students whose submission takes too long to read.
pub(super) const TOO_SLOW: &str = "it took too long to read";

/// Checks the processor time that this thread has used, which is all that reads a submission.
///
/// # Errors
///
/// If it is too much.
pub(super) fn check_time() -> Result<(), String> {
    let used = clock_gettime(ClockId::ThreadCPUTime);
    check_seconds(used.tv_sec)
}

fn check_seconds(used: i64) -> Result<(), String> {
    if used >= CPU_SECONDS { Err(TOO_SLOW.to_owned()) } else { Ok(()) }
}

/// Applies the limits to this process.
///
/// # Errors
///
/// If the system refuses.
pub(super) fn apply() -> Result<(), String> {
    let limits = [
        (Resource::Data, PROCESS.data),
        (Resource::Fsize, PROCESS.file),
        (Resource::Cpu, PROCESS.cpu),
        (Resource::Core, 0),
    ];
    limits.into_iter().try_for_each(|(resource, value)| {
        let limit = Rlimit { current: Some(value), maximum: Some(value) };
        setrlimit(resource, limit).map_err(|error| format!("cannot limit {resource:?}: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::{CPU_SECONDS, PROCESS, TOO_SLOW, check_seconds};

    #[test]
    fn reading_ends_before_the_system_ends_it() {
        assert_eq!(check_seconds(CPU_SECONDS - 1), Ok(()));
        assert_eq!(check_seconds(CPU_SECONDS), Err(TOO_SLOW.to_owned()));
        assert!(PROCESS.cpu > 1 + CPU_SECONDS as u64, "no time is left for an answer");
    }
}
