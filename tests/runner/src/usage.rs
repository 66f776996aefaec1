//! What a process uses now.

use std::time::Duration;

use rustix::process::Pid;

/// What a process uses now.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    /// The processor time so far.
    pub(crate) cpu: Duration,
    /// Resident memory in bytes.
    pub(crate) memory: u64,
    /// 0 where the system does not tell.
    pub(crate) threads: u64,
    /// Whether it is stopped by a signal, or waits for a disk.
    pub(crate) is_held: bool,
}

/// Tells what a process uses, again and again.
#[derive(Debug)]
pub(crate) struct Meter {
    pid: Pid,
    /// `/proc/PID/stat`, once it was needed.
    #[cfg(target_os = "linux")]
    stat: Option<std::fs::File>,
}

#[cfg(target_os = "linux")]
impl Meter {
    pub(crate) fn new(pid: Pid) -> Self {
        Meter { pid, stat: None }
    }

    /// What the process uses; zeros if it has ended.
    pub(crate) fn read(&mut self) -> Usage {
        self.try_read().unwrap_or_default()
    }

    fn try_read(&mut self) -> Option<Usage> {
        use std::os::unix::fs::FileExt;
        if self.stat.is_none() {
            let path = format!("/proc/{}/stat", self.pid.as_raw_nonzero());
            self.stat = Some(std::fs::File::open(path).ok()?);
        }
        // Much more than the fields that count.
        let mut stat = [0; 1024];
        let length = self.stat.as_ref()?.read_at(&mut stat, 0).ok()?;
        parse(&stat[..length])
    }
}

/// Reads the beginning of `/proc/PID/stat`. The second field is a name in parentheses, which may hold any bytes.
#[cfg(target_os = "linux")]
fn parse(stat: &[u8]) -> Option<Usage> {
    let name_end = stat.windows(2).rposition(|pair| pair == b") ")?;
    let mut fields = std::str::from_utf8(&stat[name_end + 2..]).ok()?.split(' ');
    // The manual counts from 1, and the state is number 3.
    let state = fields.next()?;
    let mut position = 4;
    let mut number = |field: usize| {
        let value = fields.nth(field - position)?.parse::<u64>().ok();
        position = field + 1;
        value
    };
    let ticks = number(14)? + number(15)?;
    let threads = number(20)?;
    Some(Usage {
        cpu: Duration::from_secs(ticks)
            / u32::try_from(rustix::param::clock_ticks_per_second()).ok()?,
        memory: number(24)? * rustix::param::page_size() as u64,
        threads,
        is_held: matches!(state, "T" | "t" | "D"),
    })
}

#[cfg(not(target_os = "linux"))]
impl Meter {
    pub(crate) fn new(pid: Pid) -> Self {
        Meter { pid }
    }

    /// What the process uses; zeros if it has ended.
    pub(crate) fn read(&mut self) -> Usage {
        use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System};
        let pid = sysinfo::Pid::from_u32(self.pid.as_raw_nonzero().get().unsigned_abs());
        let kind = ProcessRefreshKind::nothing().with_memory().with_cpu();
        let mut system = System::new();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, kind);
        system.process(pid).map_or(Usage::default(), |process| Usage {
            cpu: Duration::from_millis(process.accumulated_cpu_time()),
            memory: process.memory(),
            threads: 0,
            is_held: false,
        })
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::{Command, Stdio};

    use rustix::process::Pid;

    use super::{Meter, parse};

    #[test]
    fn this_process_uses_something() {
        let usage = Meter::new(rustix::process::getpid()).read();
        assert!(usage.memory > 1 << 20 && usage.threads >= 1 && !usage.is_held, "{usage:?}");
    }

    #[test]
    fn a_process_that_has_ended_uses_nothing() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().expect("it starts");
        let mut meter = Meter::new(Pid::from_child(&child));
        assert_eq!(meter.read().threads, 1);
        child.kill().expect("it runs");
        child.wait().expect("it is ours");
        assert_eq!((meter.read().threads, meter.read().memory), (0, 0));
    }

    #[test]
    fn a_name_may_hold_anything() {
        let stat =
            b"7 (a) R \xff) T 1 7 7 0 -1 4194560 113 0 0 0 150 50 0 0 20 0 3 0 1 2703360 250 1";
        let usage = parse(stat).expect("a line as the kernel writes it");
        assert_eq!((usage.cpu.as_millis(), usage.threads, usage.is_held), (2_000, 3, true));
        assert_eq!(usage.memory, 250 * rustix::param::page_size() as u64);
    }
}
