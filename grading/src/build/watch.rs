//! Running a command that may use only so much processor time.
//!
//! The time on the clock decides nothing about a command that works: it depends on what else the machine
//! does.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use crate::interrupt;
use crate::usage::{self, Usage};

/// How often the processor time is looked at. A command can exceed its budget by what it uses meanwhile.
const POLL: Duration = Duration::from_millis(250);

/// How often the end of the command is looked for.
const SHORT_POLL: Duration = Duration::from_millis(5);

/// The most that a command may use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    /// The processor time of all its processes together.
    pub(super) processor: Duration,
    /// How long it may go on without using any.
    pub(super) asleep: Duration,
}

/// How a command has ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    Exited(ExitStatus),
    /// It was killed, because it had used its processor time.
    UsedUp,
    /// It was killed, because it did nothing any more.
    Asleep,
}

/// Runs a command, and kills it with everything it started when it exceeds its budget. Returns how it has ended, and what
/// it was last seen to have used: all of its processor time but that of the last quarter of a second, and the most
/// memory.
///
/// # Errors
///
/// If the command does not start, or the user asked to stop.
pub(super) fn run(mut command: Command, budget: Budget) -> Result<(End, Usage), String> {
    let spawned = command.process_group(0).spawn();
    let mut child = spawned.map_err(|error| format!("cannot start the sandbox: {error}"))?;
    let mut watch = Watch::new(child.id(), budget);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok((End::Exited(status), watch.seen)),
            Ok(None) if interrupt::requested() => {
                kill(child);
                return Err("interrupted".to_owned());
            }
            Ok(None) => {}
            Err(error) => {
                kill(child);
                return Err(format!("cannot wait for the sandbox: {error}"));
            }
        }
        if let Some(end) = watch.exceeded() {
            kill(child);
            return Ok((end, watch.seen));
        }
        std::thread::sleep(SHORT_POLL);
    }
}

/// What was last seen of a command's processor time.
struct Watch {
    process: u32,
    budget: Budget,
    looked: Instant,
    seen: Usage,
    /// When it was last seen to have used more.
    moved: Instant,
}

impl Watch {
    fn new(process: u32, budget: Budget) -> Self {
        let now = Instant::now();
        Watch { process, budget, looked: now, seen: Usage::default(), moved: now }
    }

    fn exceeded(&mut self) -> Option<End> {
        if self.looked.elapsed() < POLL {
            return None;
        }
        self.looked = Instant::now();
        let Usage { processor_time, memory } = usage::of_tree(self.process);
        if processor_time != self.seen.processor_time {
            self.moved = self.looked;
        }
        self.seen = Usage { processor_time, memory: memory.max(self.seen.memory) };
        if processor_time > self.budget.processor {
            Some(End::UsedUp)
        } else if self.moved.elapsed() > self.budget.asleep {
            Some(End::Asleep)
        } else {
            None
        }
    }
}

fn kill(mut child: Child) {
    interrupt::kill_group(child.id());
    // It was just killed, so this does not block.
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::{Budget, End, run};

    /// More than any test can take.
    const NEVER: Duration = Duration::from_secs(100_000);

    fn end_of(script: &str, processor: Duration, asleep: Duration) -> End {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        run(command, Budget { processor, asleep }).expect("there is a shell").0
    }

    #[test]
    fn what_works_ends_by_its_processor_time() {
        let end = end_of("while :; do :; done", Duration::from_millis(300), NEVER);
        assert_eq!(end, End::UsedUp);
    }

    #[test]
    fn what_its_children_use_counts() {
        let script = "while :; do sh -c 'i=0; while [ $i -lt 9999 ]; do i=$((i+1)); done'; done";
        let end = end_of(script, Duration::from_millis(300), NEVER);
        assert_eq!(end, End::UsedUp);
    }

    #[test]
    fn what_sleeps_ends_by_the_clock() {
        let end = end_of("exec sleep 100000", NEVER, Duration::from_millis(600));
        assert_eq!(end, End::Asleep);
    }

    #[test]
    fn what_ends_is_left_alone() {
        let end = end_of("exit 3", NEVER, NEVER);
        assert!(matches!(end, End::Exited(status) if status.code() == Some(3)), "{end:?}");
    }
}
