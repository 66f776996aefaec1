//! The process that reads a submission, seen from outside.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::download::Part;
use super::error::ReadError;
use super::reader::{READER, only_part};
use super::selected::Selected;
use super::{answer, git, limits};
use crate::foreign::Foreign;
use crate::sandbox::{Sandbox, Task};
use crate::toolchain::SYSTEM_PATHS;
use crate::{interrupt, own_program, scratch};

/// The longest error output that is quoted, in bytes.
const ERROR_OUTPUT: u64 = 2_000;

type Answer = Option<Result<Selected, ReadError>>;

/// Reads what was handed in, in a process of its own.
///
/// # Errors
///
/// Why there are no files.
pub(super) fn read(parts: &[Part], sandbox: &Sandbox) -> Result<Selected, ReadError> {
    let mut reader = Process::start(parts, sandbox).map_err(ReadError::Fault)?;
    let started = Instant::now();
    loop {
        match reader.answers.recv_timeout(Duration::from_millis(50)) {
            Ok(Some(answer)) => return answer,
            Ok(None) | Err(RecvTimeoutError::Disconnected) => return Err(reader.explain()),
            Err(_) if interrupt::requested() => return Err(ReadError::Interrupted),
            Err(_) if started.elapsed() > limits::WALL_TIME => {
                return Err(ReadError::Fault(limits::TOO_SLOW.to_owned()));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

struct Process {
    child: Child,
    answers: Receiver<Answer>,
    error_output: Option<JoinHandle<Vec<u8>>>,
    /// Where the copy of this program is that runs in the sandbox.
    _copy: Option<TempDir>,
}

impl Process {
    fn start(parts: &[Part], sandbox: &Sandbox) -> Result<Self, String> {
        let (mut command, copy) = match only_part(parts) {
            // It starts git, which is no code of ours.
            Some(part) if git::git_folder(&part.path).is_some() => {
                let folder = scratch::folder()?;
                let program = own_program::copy_to(folder.path())?;
                (sandbox.command(&task(&part.path, program)?), Some(folder))
            }
            _ => (command(parts), None),
        };
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command
            .process_group(0)
            .spawn()
            .map_err(|error| format!("cannot start the process that reads it: {error}"))?;
        let (sender, answers) = channel();
        let (output, errors) = (child.stdout.take(), child.stderr.take());
        std::thread::spawn(move || {
            // If the grader was interrupted, nobody waits for the answer.
            let _ = sender.send(output.and_then(answer::receive));
        });
        let error_output = std::thread::spawn(move || {
            let mut text = Vec::new();
            // What cannot be read is not quoted.
            let _ = errors.map(|errors| errors.take(ERROR_OUTPUT).read_to_end(&mut text));
            text
        });
        Ok(Process { child, answers, error_output: Some(error_output), _copy: copy })
    }

    /// Why there is no answer.
    fn explain(&mut self) -> ReadError {
        let status = self.end();
        let output = self.error_output.take().and_then(|output| output.join().ok());
        let output = Foreign::from_bytes(output.unwrap_or_default().trim_ascii()).line();
        if output.contains("memory allocation of") {
            return ReadError::Refused("it takes too much memory to read".to_owned());
        }
        let status = status.map_or_else(String::new, |status| format!(" ({status})"));
        ReadError::Fault(format!("the process that reads it failed{status}: {output}"))
    }

    /// Ends the process and all that it has started.
    fn end(&mut self) -> Option<ExitStatus> {
        interrupt::kill_group(self.child.id());
        self.child.wait().ok()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// This program as a reader.
fn command(parts: &[Part]) -> Command {
    let mut command = own_program::command();
    command.env_clear().arg(READER);
    for part in parts {
        command.arg(format!("--name={}", part.name));
    }
    command.arg("--").args(parts.iter().map(|part| &part.path));
    command
}

/// The same, for the sandbox.
fn task(path: &Path, program: PathBuf) -> Result<Task, String> {
    let path = path.canonicalize().map_err(|error| format!("cannot read it: {error}"))?;
    let Some(text) = path.to_str() else {
        return Err("the folder that it is in has a name that is not UTF-8: rename it".to_owned());
    };
    let system = SYSTEM_PATHS.iter().map(PathBuf::from);
    Ok(Task {
        program,
        arguments: [READER, "--", text].map(str::to_owned).to_vec(),
        environment: vec![("PATH".to_owned(), "/usr/bin:/bin:/usr/local/bin".to_owned())],
        readable: system.chain([path.clone()]).collect(),
        writable: Vec::new(),
        scratch: None,
        sees_processes: false,
        limits: limits::PROCESS,
        user: None,
    })
}
