//! The most that a process may use.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Limits for a process, and for each process that it starts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes of private memory. Address space is not limited, because threads reserve more of it than they
    /// use.
    pub(crate) data: u64,
    /// Bytes in any one file that it writes.
    pub(crate) file: u64,
    /// Seconds of processor time.
    pub(crate) cpu: u64,
}

impl Limits {
    /// For a compiler that reads a file which may be hostile. The builder limits the processor time of all
    /// processes together; this is for each one.
    pub(crate) const BUILD: Limits = Limits { data: 4 << 30, file: 512 << 20, cpu: 600 };

    /// For the test runner, which runs one test process at a time and watches its memory. A simulation
    /// reserves much more memory than it uses. The time limit applies to each process separately.
    pub(crate) const RUN: Limits = Limits { data: 64 << 30, file: 64 << 20, cpu: 3_600 };

    /// The limits as arguments for the launcher.
    pub(super) fn to_arguments(self) -> Vec<String> {
        let pairs = [("--data", self.data), ("--file", self.file), ("--cpu", self.cpu)];
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect()
    }

    /// Limits this process and the program that it becomes.
    ///
    /// # Errors
    ///
    /// If the system refuses to set a limit.
    pub(super) fn apply(self) -> Result<(), String> {
        let limits = [
            (Resource::Data, self.data, 0),
            (Resource::Fsize, self.file, 0),
            // Where a process may use no more at all, the system sends SIGKILL, as the machine does when
            // memory runs out. The milder signal that tells the two apart comes first.
            (Resource::Cpu, self.cpu, 10),
            (Resource::Core, 0, 0),
            (Resource::Nofile, 512, 0),
        ];
        for (resource, value, margin) in limits {
            let known = rustix::process::getrlimit(resource);
            // An existing lower limit stays in force.
            let maximum = known.maximum.map_or(value + margin, |known| known.min(value + margin));
            let limit = Rlimit { current: Some(value.min(maximum)), maximum: Some(maximum) };
            setrlimit(resource, limit)
                .map_err(|error| format!("cannot limit {resource:?} to {value}: {error}"))?;
        }
        Ok(())
    }
}
