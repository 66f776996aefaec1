//! The process of a test, as its parent watches it.

use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::{Duration, Instant};

use records::Class;
use rustix::process::{Pid, Signal, kill_process_group};

use crate::channel::Received;
use crate::interrupt;
use crate::limits::{GRACE, Limits};
use crate::outcome::decide;
use crate::output::Output;
use crate::verdict::{Ended, Failure};

/// How often the limits of a child are checked.
const POLL: Duration = Duration::from_millis(20);

pub(crate) struct Running {
    pub(crate) child: Child,
    /// What the child has sent, once it has closed its socket.
    pub(crate) received: Receiver<Received>,
    pub(crate) output: Arc<Output>,
    pub(crate) begun: Instant,
}

impl Running {
    /// Waits for the end of the child, or stops it after `time` or when it exceeds another limit.
    pub(crate) fn watch(mut self, time: Duration) -> Ended {
        let mut limits = Limits::new(self.child.id(), time);
        let mut stopped = None;
        let received = loop {
            if let Ok(received) = self.received.recv_timeout(POLL) {
                break received;
            }
            if self.child.try_wait().is_ok_and(|status| status.is_some()) {
                // A process that the child has started keeps the socket open.
                self.kill();
                break self.received.recv_timeout(GRACE).unwrap_or(Received::Invalid);
            }
            stopped = self.reason_to_stop(&mut limits);
            if stopped.is_some() {
                self.kill();
                break self.received.recv_timeout(GRACE).unwrap_or(Received::Nothing);
            }
        };
        let status = self.end();
        let wall_time = self.begun.elapsed();
        Ended {
            verdict: decide(received, stopped, status),
            wall_time,
            output: self.output.last_part(),
        }
    }

    fn reason_to_stop(&self, limits: &mut Limits) -> Option<Failure> {
        if interrupt::requested() {
            let expected = "the test runs to its end".to_owned();
            let seen = "the run was interrupted before that".to_owned();
            return Some(Failure::new(Class::Interrupted, expected, seen));
        }
        limits.exceeded(self.begun.elapsed(), self.output.total())
    }

    /// Kills the child and all that it has started.
    fn kill(&self) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // The group may be empty.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    /// Waits for the child's end, and ends all that it has started.
    fn end(&mut self) -> Option<ExitStatus> {
        let begun = Instant::now();
        let mut status = None;
        while status.is_none() && begun.elapsed() < Duration::from_secs(1) {
            status = self.child.try_wait().ok().flatten();
            thread::sleep(Duration::from_micros(500));
        }
        self.kill();
        if status.is_none() {
            status = self.child.wait().ok();
        }
        self.output.await_end();
        status
    }
}
