//! What a process may use at most.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Limits of a process and of each that it starts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes of memory that is its own. Address space is not limited: threads reserve more of it than
    /// they use.
    pub(crate) data: u64,
    /// Bytes of any file that it writes.
    pub(crate) file: u64,
    /// Seconds of processor time.
    pub(crate) cpu: u64,
}

impl Limits {
    /// For a compiler at work on a file that may be hostile.
    pub(crate) const BUILD: Limits = Limits { data: 4 << 30, file: 512 << 20, cpu: 600 };

    /// For the runner and, one at a time, the processes of tests, whose memory it watches. A simulation
    /// reserves much more than it uses. The time is that of one process.
    pub(crate) const RUN: Limits = Limits { data: 64 << 30, file: 64 << 20, cpu: 3_600 };

    /// As arguments of the launcher.
    pub(super) fn to_arguments(self) -> Vec<String> {
        let pairs = [("--data", self.data), ("--file", self.file), ("--cpu", self.cpu)];
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect()
    }

    /// Limits this process and what it becomes.
    ///
    /// # Errors
    ///
    /// If the system refuses, as it does if a limit above would be raised.
    pub(super) fn apply(self) -> Result<(), String> {
        let limits = [
            (Resource::Data, self.data),
            (Resource::Fsize, self.file),
            (Resource::Cpu, self.cpu),
            (Resource::Core, 0),
            (Resource::Nofile, 512),
        ];
        for (resource, value) in limits {
            let known = rustix::process::getrlimit(resource);
            // A lower limit that is there already stays.
            let value = known.maximum.map_or(value, |maximum| maximum.min(value));
            let limit = Rlimit { current: Some(value), maximum: Some(value) };
            setrlimit(resource, limit)
                .map_err(|error| format!("cannot limit {resource:?} to {value}: {error}"))?;
        }
        Ok(())
    }
}
