//! Files about runs, in `lab` in cargo's target folder.

use std::io;
use std::path::PathBuf;

/// Writes a file with this name, in place of an earlier one. Returns its path.
///
/// # Errors
///
/// If there is no such folder, or it cannot be written to.
pub(crate) fn write(name: &str, content: &[u8]) -> io::Result<PathBuf> {
    let path = folder()?.join(name);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(&path, content)?;
    Ok(path)
}

fn folder() -> io::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists());
    let target = target.ok_or_else(|| io::Error::other("this program is in no target folder"))?;
    Ok(target.join("lab"))
}
