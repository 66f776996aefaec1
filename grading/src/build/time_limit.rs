//! Running a command for a limited time.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use crate::interrupt;

/// Runs a command, and kills it with everything it started when its time is up. `None` if that happened.
///
/// # Errors
///
/// If the command does not start, or the user asked to stop.
pub(super) fn run(mut command: Command, limit: Duration) -> Result<Option<ExitStatus>, String> {
    let started = Instant::now();
    let spawned = command.process_group(0).spawn();
    let mut child = spawned.map_err(|error| format!("cannot start the sandbox: {error}"))?;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(Some(status)),
            Ok(None) if started.elapsed() < limit && !interrupt::requested() => {
                std::thread::sleep(Duration::from_millis(10));
            }
            _ => return kill(child),
        }
    }
}

fn kill(mut child: Child) -> Result<Option<ExitStatus>, String> {
    interrupt::kill_group(child.id());
    let _ = child.wait();
    if interrupt::requested() { Err("interrupted".to_owned()) } else { Ok(None) }
}
