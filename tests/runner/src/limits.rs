//! What a test may use.

use std::time::Duration;

use records::Class;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use crate::verdict::Failure;

/// The resident memory that a test may use, in bytes.
const MEMORY_LIMIT: u64 = 1 << 30;

/// The threads that a test may have; one for each call stays well below.
const THREAD_LIMIT: usize = 4_000;

/// What a test may print, in bytes.
const OUTPUT_LIMIT: u64 = 64 << 20;

/// How long after its time limit a child may still report that it has exceeded it.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

/// The limits of one child.
pub(crate) struct Limits {
    time: Duration,
    pid: Pid,
    system: System,
}

impl Limits {
    /// Limits for a process, with a limit of time.
    pub(crate) fn new(pid: u32, time: Duration) -> Self {
        Limits { time, pid: Pid::from_u32(pid), system: System::new() }
    }

    /// The first limit that the child exceeds, if any.
    pub(crate) fn exceeded(&mut self, elapsed: Duration, printed: u64) -> Option<Failure> {
        self.check_time(elapsed)
            .or_else(|| check_output(printed))
            .or_else(|| self.check_threads())
            .or_else(|| self.check_memory())
    }

    fn check_time(&self, elapsed: Duration) -> Option<Failure> {
        (elapsed > self.time + GRACE).then(|| {
            Failure::new(
                Class::TimeLimit,
                format!("the test ends within {} s", self.time.as_secs_f64()),
                "it is still running, and has not reported that itself".to_owned(),
            )
        })
    }

    fn check_threads(&self) -> Option<Failure> {
        let threads = count_threads(self.pid.as_u32());
        (threads > THREAD_LIMIT).then(|| {
            let expected = format!("a test has at most {THREAD_LIMIT} threads at a time");
            Failure::new(Class::Resource, expected, format!("it has {threads}"))
        })
    }

    fn check_memory(&mut self) -> Option<Failure> {
        let kind = ProcessRefreshKind::nothing().with_memory().without_tasks();
        let this = ProcessesToUpdate::Some(&[self.pid]);
        self.system.refresh_processes_specifics(this, true, kind);
        let memory = self.system.process(self.pid).map_or(0, |process| process.memory());
        (memory > MEMORY_LIMIT).then(|| {
            Failure::new(
                Class::Resource,
                format!("a test uses at most {} MiB of memory", MEMORY_LIMIT >> 20),
                format!("it uses {} MiB", memory >> 20),
            )
        })
    }
}

fn check_output(printed: u64) -> Option<Failure> {
    (printed > OUTPUT_LIMIT).then(|| {
        let expected = format!("a test prints at most {} MiB", OUTPUT_LIMIT >> 20);
        Failure::new(Class::Resource, expected, "it has printed more".to_owned())
    })
}

/// How many threads a process has; 0 where the system does not show it.
fn count_threads(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let threads = status.lines().find_map(|line| line.strip_prefix("Threads:"));
    threads.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}
