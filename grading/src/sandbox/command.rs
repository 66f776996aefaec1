//! Choosing a sandbox, and the commands that run tasks in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::isolation::Isolation;
use super::launcher::LAUNCHER;
use super::task::Task;
use super::user::is_root;
use super::{bubblewrap, landlock};
use crate::own_program;

/// The sandbox in use.
#[derive(Debug, Clone)]
pub(crate) struct Sandbox {
    pub(crate) isolation: Isolation,
    /// Why the isolation is not stronger.
    pub(crate) note: Option<String>,
    bubblewrap: Option<PathBuf>,
}

impl Sandbox {
    /// Uses the isolation that was asked for, or else the strongest that works here.
    ///
    /// # Errors
    ///
    /// If the isolation that was asked for does not work here.
    pub(crate) fn find(asked: Option<Isolation>) -> Result<Self, String> {
        let (bubblewrap, problem) = match bubblewrap::find() {
            Ok(path) => (Some(path), None),
            Err(problem) => (None, Some(problem)),
        };
        let has_bubblewrap = bubblewrap.is_some();
        let sandbox = |isolation, note| Ok(Sandbox { isolation, note, bubblewrap });
        match asked {
            Some(Isolation::Bubblewrap) if !has_bubblewrap => Err(problem.unwrap_or_default()),
            Some(Isolation::Landlock) if !landlock::is_supported() => {
                Err("this kernel does not support Landlock".to_owned())
            }
            Some(isolation) => sandbox(isolation, None),
            None if has_bubblewrap => sandbox(Isolation::Bubblewrap, None),
            None if landlock::is_supported() => sandbox(Isolation::Landlock, problem),
            None => sandbox(Isolation::None, problem),
        }
    }

    /// The command that runs a task in the sandbox. The task does not see this process's environment.
    pub(crate) fn command(&self, task: &Task) -> Command {
        let mut command = own_program::command();
        command.env_clear().arg(LAUNCHER).args(task.limits.to_arguments());
        match (self.isolation, &self.bubblewrap) {
            (Isolation::Bubblewrap, Some(program)) => {
                command.arg("--").arg(program).args(bubblewrap::arguments(task));
            }
            (isolation, _) => {
                if isolation == Isolation::Landlock {
                    command.args(landlock_arguments(task));
                }
                command.envs(task.environment.iter().map(|(name, value)| (name, value)));
                command.arg("--").arg(&task.program).args(&task.arguments);
            }
        }
        if let Some(user) = task.user.filter(|_| is_root()) {
            use std::os::unix::process::CommandExt;
            command.uid(user).gid(user);
        }
        command
    }
}

/// The launcher's arguments that restrict a task by Landlock.
fn landlock_arguments(task: &Task) -> Vec<String> {
    let show = |option: &str, path: &Path| format!("{option}={}", path.display());
    let scratch = task.scratch.as_ref().map(|(path, _)| path);
    let processes = task.sees_processes.then(|| PathBuf::from("/proc"));
    let readable = task.readable.iter().chain([&task.program]).chain(&processes);
    let mut arguments: Vec<String> = readable.map(|path| show("--read", path)).collect();
    arguments.extend(task.writable.iter().chain(scratch).map(|path| show("--write", path)));
    arguments
}
