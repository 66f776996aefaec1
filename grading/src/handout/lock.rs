//! The lock file of a workspace without the graders.

use std::process::Command;

use super::Handout;

/// Leaves out of the lock file what nothing in the handout needs, so that a first build does not have to
/// change it. Versions stay the same.
///
/// # Errors
///
/// If cargo cannot resolve the workspace.
pub(super) fn prune(handout: &Handout) -> Result<Vec<u8>, String> {
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    handout.write(folder.path())?;
    let mut command = Command::new(env!("CARGO"));
    command.args(["update", "--workspace", "--offline", "--quiet"]).current_dir(folder.path());
    let output = command.output().map_err(|error| format!("cargo does not start: {error}"))?;
    if !output.status.success() {
        let problem = String::from_utf8_lossy(&output.stderr);
        return Err(format!("cargo cannot resolve the handout's packages: {}", problem.trim()));
    }
    let lock = folder.path().join("Cargo.lock");
    std::fs::read(&lock).map_err(|error| format!("cannot read {}: {error}", lock.display()))
}
