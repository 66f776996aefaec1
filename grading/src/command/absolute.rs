//! Paths that stay valid in other folders.

use std::path::PathBuf;

use crate::files::reason;

/// A path that is valid in every folder, and can be written down.
///
/// # Errors
///
/// If it is not UTF-8, or the current folder is not known.
pub(super) fn absolute(path: PathBuf) -> Result<PathBuf, String> {
    let full = std::path::absolute(&path)
        .map_err(|error| format!("cannot find {}: {}", path.display(), reason(&error)))?;
    if full.to_str().is_none() {
        return Err(format!("the path {} is not UTF-8: rename it", full.display()));
    }
    Ok(full)
}
