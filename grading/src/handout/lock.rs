//! The lock file of a workspace without the graders.

use std::path::Path;
use std::process::Command;

/// Removes the packages that nothing in the workspace needs from its lock file, so that a first build does
/// not have to change it. All versions stay the same. Returns the new lock file.
///
/// # Errors
///
/// If cargo cannot resolve the workspace.
pub(super) fn prune(workspace: &Path) -> Result<Vec<u8>, String> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["update", "--workspace", "--offline", "--quiet"]).current_dir(workspace);
    let output = command.output().map_err(|error| format!("cargo does not start: {error}"))?;
    if !output.status.success() {
        let problem = String::from_utf8_lossy(&output.stderr);
        return Err(format!("cargo cannot resolve the handout's packages: {}", problem.trim()));
    }
    let lock = workspace.join("Cargo.lock");
    std::fs::read(&lock).map_err(|error| format!("cannot read {}: {error}", lock.display()))
}
