//! A process that was started here.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// A process that was started by [`Program::start`](crate::Program::start).
///
/// Dropping it neither ends the process nor waits for it.
#[derive(Debug)]
pub struct Process {
    pid: Pid,
    ended: Option<(ExitStatus, Usage)>,
}

/// What a process has used by its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Processor time, in user mode and in the kernel.
    pub cpu: Duration,
    /// The largest resident memory, in bytes.
    pub peak_memory: u64,
}

impl Process {
    pub(crate) fn new(pid: Pid) -> Self {
        Process { pid, ended: None }
    }

    /// The process's number.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Kills the process, unless its end is known.
    pub fn kill(&self) {
        if self.ended.is_none() {
            // It may have ended already: its number stays its own until its end is known.
            let _ = kill_process(self.pid, Signal::KILL);
        }
    }

    /// Kills all processes of the group that this process leads, unless its end is known.
    pub fn kill_group(&self) {
        if self.ended.is_none() {
            // The group may be empty.
            let _ = kill_process_group(self.pid, Signal::KILL);
        }
    }

    /// How the process has ended and what it has used, if it has ended.
    ///
    /// # Errors
    ///
    /// If the system does not say.
    pub fn try_wait(&mut self) -> io::Result<Option<(ExitStatus, Usage)>> {
        self.wait_with(libc::WNOHANG)
    }

    /// Waits for the end of the process.
    ///
    /// # Errors
    ///
    /// If the system does not say.
    pub fn wait(&mut self) -> io::Result<(ExitStatus, Usage)> {
        loop {
            match self.wait_with(0) {
                Ok(Some(ended)) => return Ok(ended),
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn wait_with(&mut self, options: libc::c_int) -> io::Result<Option<(ExitStatus, Usage)>> {
        if self.ended.is_none() {
            let (mut status, pid) = (0, self.pid.as_raw_nonzero().get());
            // SAFETY: the structure is plain numbers, for which zeros are valid.
            let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
            // SAFETY: both results are written to locals.
            match unsafe { libc::wait4(pid, &raw mut status, options, &raw mut usage) } {
                -1 => return Err(io::Error::last_os_error()),
                0 => return Ok(None),
                _ => self.ended = Some((ExitStatus::from_raw(status), Usage::from(usage))),
            }
        }
        Ok(self.ended)
    }
}

impl From<libc::rusage> for Usage {
    fn from(usage: libc::rusage) -> Self {
        // Kilobytes, but on macOS bytes.
        let unit = if cfg!(target_os = "macos") { 1 } else { 1 << 10 };
        Usage {
            cpu: duration(usage.ru_utime) + duration(usage.ru_stime),
            peak_memory: u64::try_from(usage.ru_maxrss).unwrap_or(0) * unit,
        }
    }
}

fn duration(time: libc::timeval) -> Duration {
    Duration::new(time.tv_sec as u64, 1_000 * time.tv_usec as u32)
}
