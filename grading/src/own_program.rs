//! This program's own file, which a build may replace while the program runs.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Starts this program again: the file that was started, even if it has been built again or removed since.
pub(crate) fn command() -> Command {
    let mut command = Command::new("/proc/self/exe");
    command.arg0("grade");
    command
}

/// The path of that file for other programs. It is gone when this process ends.
pub(crate) fn path() -> PathBuf {
    PathBuf::from(format!("/proc/{}/exe", std::process::id()))
}

/// Copies that file into the folder, for a sandbox that does not see this process. Returns the path of the copy.
///
/// # Errors
///
/// If the file cannot be read, or the folder cannot be written to.
pub(crate) fn copy_to(folder: &Path) -> Result<PathBuf, String> {
    let copy = folder.join("grade");
    fs::copy(path(), &copy)
        .map(|_| copy)
        .map_err(|error| format!("cannot copy this program to {}: {error}", folder.display()))
}
