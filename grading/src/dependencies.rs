//! The crates that the workspace needs.

use std::path::Path;
use std::process::{Command, Output};

/// The kind of processor that submissions are compiled for, with Linux and glibc. No crate is needed for another one.
const PROCESSOR: &str = std::env::consts::ARCH;

/// Downloads the crates of a workspace that are not on this machine yet. All that comes later is compiled without a
/// network, and building the grader has downloaded only what itself needs.
///
/// # Errors
///
/// If there is one that cannot be downloaded.
pub(crate) fn download(workspace: &Path) -> Result<(), String> {
    if fetch(workspace, &["--offline"])?.status.success() {
        return Ok(());
    }
    eprintln!("downloading crates (only once)");
    let output = fetch(workspace, &[])?;
    if output.status.success() {
        return Ok(());
    }
    let problem = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "cannot download the crates that the labs need: {}\nFor a machine without a network, vendor them: \
         grading/README.md says how",
        problem.trim()
    ))
}

fn fetch(workspace: &Path, arguments: &[&str]) -> Result<Output, String> {
    let target = format!("{PROCESSOR}-unknown-linux-gnu");
    let mut command = Command::new(env!("CARGO"));
    command.args(["fetch", "--locked", "--target", &target]).args(arguments).current_dir(workspace);
    command.output().map_err(|error| format!("cargo does not start: {error}"))
}

#[cfg(test)]
mod tests {
    use super::download;

    #[test]
    fn a_crate_that_is_nowhere_is_named() {
        let folder = tempfile::tempdir().expect("the disk is writable");
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("the disk is writable");
        };
        std::fs::create_dir_all(folder.path().join("src")).expect("the disk is writable");
        write("src/lib.rs", "");
        write("Cargo.toml", "[package]\nname = \"a\"\nversion = \"1.0.0\"\n[workspace]\n");
        write("Cargo.lock", "version = 4\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n");
        assert_eq!(download(folder.path()), Ok(()));
        let toml = "[package]\nname = \"a\"\nversion = \"1.0.0\"\n[workspace]\n[dependencies]\nb = { path = \"b\" }\n";
        write("Cargo.toml", toml);
        let problem = download(folder.path()).err().unwrap_or_default();
        assert!(
            problem.starts_with("cannot download the crates") && problem.contains("`b`"),
            "{problem}"
        );
    }
}
