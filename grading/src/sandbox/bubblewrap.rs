//! Linux namespaces, set up by bubblewrap.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::task::Task;
use super::user::is_root;

/// The unprivileged user `nobody`.
const NOBODY: u32 = 65_534;

/// What every sandbox gets: its own processes, network, users and host name, and no environment.
const NAMESPACES: &[&str] = &[
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

/// The path of bubblewrap, if it works here.
///
/// # Errors
///
/// If it is not installed, or if the system does not let it create namespaces.
pub(super) fn find() -> Result<PathBuf, String> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let program = std::env::split_paths(&folders)
        .map(|folder| folder.join("bwrap"))
        .find(|path| path.is_file())
        .ok_or("bubblewrap is not installed")?;
    try_out(&program)?;
    Ok(program)
}

/// Runs a trivial program in bubblewrap.
fn try_out(program: &Path) -> Result<(), String> {
    let mut trial = Command::new(program);
    trial.env_clear().args(NAMESPACES).args(["--ro-bind", "/", "/", "/bin/true"]);
    if is_root() {
        use std::os::unix::process::CommandExt;
        // Submissions do not run as root either.
        trial.uid(NOBODY).gid(NOBODY);
    }
    let output = trial.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("cannot start bubblewrap ({error})"))?;
    if output.status.success() {
        return Ok(());
    }
    let problem = String::from_utf8_lossy(&output.stderr);
    Err(format!("bubblewrap does not work here ({})", problem.trim()))
}

/// The arguments that make bubblewrap run the task.
pub(super) fn arguments(task: &Task) -> Vec<String> {
    let mut arguments: Vec<String> = NAMESPACES.iter().map(|word| (*word).to_owned()).collect();
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
