//! Writing files.

use std::path::Path;

/// Writes a file, and creates the folders above it.
///
/// # Errors
///
/// If the file cannot be written; the message names it.
pub(crate) fn write_file(path: &Path, content: impl AsRef<[u8]>) -> Result<(), String> {
    std::fs::create_dir_all(path.parent().unwrap_or(path))
        .and_then(|()| std::fs::write(path, content))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}
