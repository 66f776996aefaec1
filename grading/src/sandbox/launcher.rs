//! The last of the grader's own code before a task: this program, started once more, limits itself and
//! then becomes the task's program.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use super::landlock;
use super::limits::Limits;

/// The argument that makes this program a launcher.
pub(crate) const LAUNCHER: &str = "__launch";

/// How to launch a program.
#[derive(Debug, clap::Parser)]
pub(crate) struct Launch {
    #[arg(long)]
    data: u64,
    #[arg(long)]
    file: u64,
    #[arg(long)]
    cpu: u64,
    /// What Landlock lets the program read and execute. Without any, Landlock is not used.
    #[arg(long)]
    read: Vec<PathBuf>,
    /// What Landlock lets the program write to as well.
    #[arg(long)]
    write: Vec<PathBuf>,
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

/// Becomes the program. Returns only if that fails.
pub(crate) fn launch(launch: Launch) -> ExitCode {
    let problem = match launch.restrict() {
        Ok(()) => launch.become_program(),
        Err(problem) => problem,
    };
    eprintln!("cannot launch {}: {problem}", launch.command[0]);
    ExitCode::from(126)
}

impl Launch {
    fn restrict(&self) -> Result<(), String> {
        close_inherited()?;
        Limits { data: self.data, file: self.file, cpu: self.cpu }.apply()?;
        if self.read.is_empty() { Ok(()) } else { landlock::restrict(&self.read, &self.write) }
    }

    fn become_program(&self) -> String {
        Command::new(&self.command[0]).args(&self.command[1..]).exec().to_string()
    }
}

/// Closes all descriptors but the three standard ones: whoever started the grader may have left some open.
fn close_inherited() -> Result<(), String> {
    let listed = std::fs::read_dir("/proc/self/fd")
        .or_else(|_| std::fs::read_dir("/dev/fd"))
        .map_err(|error| format!("cannot list open descriptors: {error}"))?;
    let open: Vec<i32> = listed
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|descriptor| *descriptor > 2)
        .collect();
    for descriptor in open {
        // The descriptor that the list was read from is closed already.
        let _ = nix::unistd::close(descriptor);
    }
    Ok(())
}
