//! Namespaces, by bubblewrap.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Task, is_root};

/// What every sandbox gets: its own processes, network, users and host name, none of the environment.
const WALLS: &[&str] = &[
    "--unshare-all",
    "--unshare-user",
    "--disable-userns",
    "--die-with-parent",
    "--new-session",
    "--clearenv",
    "--cap-drop",
    "ALL",
    "--hostname",
    "lab",
    "--proc",
    "/proc",
    "--dev",
    "/dev",
];

/// The program, if it works here.
///
/// # Errors
///
/// If it is not installed, or if the system refuses it what it needs.
pub(super) fn find() -> Result<PathBuf, String> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let program = std::env::split_paths(&folders)
        .map(|folder| folder.join("bwrap"))
        .find(|path| path.is_file())
        .ok_or("bubblewrap is not installed")?;
    let mut trial = Command::new(&program);
    trial.env_clear().args(WALLS).args(["--ro-bind", "/", "/", "/bin/true"]);
    if is_root() {
        use std::os::unix::process::CommandExt;
        // Submissions will not run as root, either.
        trial.uid(TRIAL_USER).gid(TRIAL_USER);
    }
    let output = trial.stdin(Stdio::null()).output();
    match output {
        Ok(output) if output.status.success() => Ok(program),
        Ok(output) => {
            let problem = String::from_utf8_lossy(&output.stderr);
            Err(format!("bubblewrap does not work here ({})", problem.trim()))
        }
        Err(error) => Err(format!("bubblewrap does not start ({error})")),
    }
}

/// Nobody.
const TRIAL_USER: u32 = 65_534;

/// The arguments that run the task.
pub(super) fn arguments(task: &Task) -> Vec<String> {
    let mut arguments: Vec<String> = WALLS.iter().map(|word| (*word).to_owned()).collect();
    let mut bind = |option: &str, path: &Path| {
        let path = path.display().to_string();
        arguments.extend([option.to_owned(), path.clone(), path]);
    };
    for path in &task.readable {
        bind("--ro-bind-try", path);
    }
    bind("--ro-bind", &task.program);
    for path in &task.writable {
        bind("--bind", path);
    }
    if let Some((path, size)) = &task.scratch {
        let path = path.display().to_string();
        arguments.extend(["--size".to_owned(), size.to_string(), "--tmpfs".to_owned(), path]);
    }
    for (name, value) in &task.environment {
        arguments.extend(["--setenv".to_owned(), name.clone(), value.clone()]);
    }
    arguments.extend(["--remount-ro", "/", "--chdir", "/", "--"].map(str::to_owned));
    arguments.push(task.program.display().to_string());
    arguments.extend(task.arguments.iter().cloned());
    arguments
}
