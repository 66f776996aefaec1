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

/// What a process uses; zeros if it has ended.
#[cfg(target_os = "linux")]
pub(crate) fn of(pid: Pid) -> Usage {
    let path = format!("/proc/{}/stat", pid.as_raw_nonzero());
    std::fs::read_to_string(path).ok().and_then(|stat| parse(&stat)).unwrap_or_default()
}

/// Reads a line of `/proc/PID/stat`. The second field is a name in parentheses, which may hold anything.
#[cfg(target_os = "linux")]
fn parse(stat: &str) -> Option<Usage> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    // The manual counts from 1, and the state is number 3.
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    let ticks = number(14)? + number(15)?;
    Some(Usage {
        cpu: Duration::from_secs(ticks)
            / u32::try_from(rustix::param::clock_ticks_per_second()).ok()?,
        memory: number(24)? * rustix::param::page_size() as u64,
        threads: number(20)?,
        is_held: matches!(*fields.first()?, "T" | "t" | "D"),
    })
}

/// What a process uses; zeros if it has ended.
#[cfg(not(target_os = "linux"))]
pub(crate) fn of(pid: Pid) -> Usage {
    use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System};
    let pid = sysinfo::Pid::from_u32(pid.as_raw_nonzero().get().unsigned_abs());
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{of, parse};

    #[test]
    fn this_process_uses_something() {
        let usage = of(rustix::process::getpid());
        assert!(usage.memory > 1 << 20 && usage.threads >= 1 && !usage.is_held, "{usage:?}");
    }

    #[test]
    fn a_name_may_hold_anything() {
        let stat = "7 (a) R 9) T 1 7 7 0 -1 4194560 113 0 0 0 150 50 0 0 20 0 3 0 1 2703360 250 1";
        let usage = parse(stat).expect("a line as the kernel writes it");
        assert_eq!((usage.cpu.as_millis(), usage.threads, usage.is_held), (2_000, 3, true));
        assert_eq!(usage.memory, 250 * rustix::param::page_size() as u64);
    }
}
