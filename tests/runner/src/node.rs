//! A node, as its runner watches it.

use std::io::PipeReader;
use std::process::ExitStatus;
use std::time::Duration;

use isolation::Process;

use crate::limits;
use crate::node_end::NodeEnd;
use crate::usage::{Meter, Usage};

/// A node that was started, or that could not be.
pub(crate) struct Node {
    /// `None` if it could not be started.
    process: Option<Process>,
    /// Tells what it uses, until it is known to have ended.
    meter: Option<Meter>,
    /// Why it was killed, if it was.
    killed: Option<NodeEnd>,
    /// How it has ended, once that is known.
    end: Option<NodeEnd>,
    /// Where its output comes from, if it does not share the pipe of the run.
    pub(crate) output: Option<PipeReader>,
}

impl Node {
    /// A node that runs now.
    pub(crate) fn new(process: Process, output: Option<PipeReader>) -> Self {
        let meter = Some(Meter::new(process.pid()));
        Node { process: Some(process), meter, killed: None, end: None, output }
    }

    /// A node that could not be started.
    pub(crate) fn not_started(reason: String) -> Self {
        let end = Some(NodeEnd::NotStarted(reason));
        Node { process: None, meter: None, killed: None, end, output: None }
    }

    /// Kills it, if it is not known to have ended. The first reason counts.
    pub(crate) fn kill(&mut self, reason: NodeEnd) {
        if let Some(process) = &self.process
            && self.end.is_none()
        {
            self.killed.get_or_insert(reason);
            process.kill();
        }
    }

    /// What it uses now; `None` if it is known to have ended.
    pub(crate) fn usage(&mut self) -> Option<Usage> {
        self.meter.as_mut().map(Meter::read)
    }

    /// Whether it has ended by now, and what it has used if that has just turned out.
    pub(crate) fn look(&mut self) -> Option<isolation::Usage> {
        let process = self.process.as_mut().filter(|_| self.end.is_none())?;
        let (status, usage) = process.try_wait().ok().flatten()?;
        self.note_end(status, usage.cpu);
        Some(usage)
    }

    /// Waits for its end after it was killed. Returns what it has used, if that was not known yet.
    pub(crate) fn await_end(&mut self) -> Option<isolation::Usage> {
        let process = self.process.as_mut().filter(|_| self.end.is_none())?;
        let (status, usage) = process.wait().ok()?;
        self.note_end(status, usage.cpu);
        Some(usage)
    }

    /// How it has ended, if it has.
    pub(crate) fn end(&self) -> Option<&NodeEnd> {
        self.end.as_ref()
    }

    fn note_end(&mut self, status: ExitStatus, cpu: Duration) {
        self.end = Some(self.end_with(status, cpu));
        self.meter = None;
    }

    fn end_with(&self, status: ExitStatus, cpu: Duration) -> NodeEnd {
        match NodeEnd::of(status) {
            // Who has killed it?
            NodeEnd::KilledFromOutside if self.killed.is_some() => {
                self.killed.clone().unwrap_or(NodeEnd::Killed)
            }
            NodeEnd::KilledFromOutside | NodeEnd::Signalled(isolation::CPU_SIGNAL)
                if cpu >= isolation::CPU_LIMIT =>
            {
                limits::cpu_of_node(isolation::CPU_LIMIT)
            }
            end => end,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;
    use std::time::Duration;

    use isolation::{CPU_LIMIT, CPU_SIGNAL};

    use super::Node;
    use crate::node_end::NodeEnd;

    const KILL: i32 = 9;

    /// How a node has ended that was killed for `reason`, by its last signal and its processor time.
    fn end(reason: Option<NodeEnd>, signal: i32, cpu: Duration) -> NodeEnd {
        let node = Node { process: None, meter: None, killed: reason, end: None, output: None };
        node.end_with(ExitStatus::from_raw(signal), cpu)
    }

    #[test]
    fn the_reason_counts_only_for_a_node_that_was_killed() {
        let reason = || Some(NodeEnd::Killed);
        assert_eq!(end(reason(), KILL, Duration::ZERO), NodeEnd::Killed);
        assert_eq!(end(reason(), 31, Duration::ZERO), NodeEnd::Forbidden);
        assert_eq!(end(reason(), 6, Duration::ZERO), NodeEnd::Signalled(6));
        assert_eq!(end(None, KILL, Duration::ZERO), NodeEnd::KilledFromOutside);
    }

    #[test]
    fn the_system_kills_for_processor_time() {
        for signal in [KILL, CPU_SIGNAL] {
            let used_up = end(None, signal, CPU_LIMIT);
            assert!(matches!(used_up, NodeEnd::Exceeded { .. }), "{used_up:?}");
            let early = end(None, signal, CPU_LIMIT / 2);
            assert!(!matches!(early, NodeEnd::Exceeded { .. }), "{early:?}");
        }
    }
}
