//! A process of the same user that has nothing to do with a grading, and what is left of one.

use std::fs::read_to_string;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::WaitOptions;

use super::findings::Findings;
use crate::usage;

/// How long a process that was killed may take to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// A process that does nothing, and that nothing should happen to.
pub(super) struct Bystander {
    process: Child,
    state: String,
}

impl Bystander {
    /// Starts the process, and from now on inherits processes whose parents have ended.
    pub(super) fn new() -> Result<Self, String> {
        let own = rustix::process::getpid();
        rustix::process::set_child_subreaper(Some(own))
            .map_err(|error| format!("cannot inherit processes: {error}"))?;
        // It ends with its input.
        let mut command = Command::new("cat");
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        let process = command.spawn().map_err(|error| format!("cannot start cat: {error}"))?;
        let state = state(process.id());
        Ok(Bystander { process, state })
    }

    /// Notes whether it is as it was, and whether any process is left that a grading has started.
    pub(super) fn check(mut self, findings: &mut Findings) {
        let alive = self.process.try_wait().is_ok_and(|status| status.is_none());
        findings.note("another process still runs", alive, "it has ended");
        let now = state(self.process.id());
        let seen = format!("before: {}\n      after: {now}", self.state);
        findings.note("its limits and its priority are as they were", now == self.state, &seen);
        // It has just been looked at, so this ends it.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
        let left = left_behind();
        let names: Vec<String> = left.iter().map(|pid| command_line(*pid)).collect();
        findings.note("no process is left", left.is_empty(), &names.join("; "));
    }
}

/// The processes that this one has inherited and that do not end.
fn left_behind() -> Vec<u32> {
    let begun = Instant::now();
    loop {
        // What has ended stays listed until somebody has asked how.
        while let Ok(Some(_)) = rustix::process::wait(WaitOptions::NOHANG) {}
        let left = usage::children(std::process::id());
        if left.is_empty() || begun.elapsed() > PATIENCE {
            return left;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What other processes can change about a process.
fn state(pid: u32) -> String {
    let read = |file: &str| read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
    let status = read("status");
    let lines = status.lines().filter(|line| line.starts_with("Cpus_allowed:"));
    let stat = read("stat");
    // Priority and niceness.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let priority: Vec<&str> = fields.split_whitespace().skip(15).take(2).collect();
    [read("limits"), lines.collect(), priority.join(" "), read("oom_score_adj")].join("\n")
}

fn command_line(pid: u32) -> String {
    let text = read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    format!("{pid} {}", text.replace('\0', " "))
}
