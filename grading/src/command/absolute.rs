//! Paths that stay valid in other folders.

use std::path::PathBuf;

/// A path that is valid in every folder.
///
/// # Errors
///
/// If the current folder is not known.
pub(super) fn absolute(path: PathBuf) -> Result<PathBuf, String> {
    std::path::absolute(&path).map_err(|error| format!("cannot find {}: {error}", path.display()))
}
