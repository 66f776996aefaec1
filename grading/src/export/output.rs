//! Writing what is exported.

use std::path::Path;

use crate::files::{check_creatable, write_private_file};

/// What an export has to say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Exported {
    /// What was written, and what to do with it.
    pub(crate) lines: Vec<String>,
    /// A sentence for each reason why somebody was left out.
    pub(crate) left_out: Vec<String>,
}

/// Checks that nothing would be overwritten, and that something can be written there.
///
/// # Errors
///
/// If there is a file, or a folder that is not empty, or if no file or folder can be made there.
pub(crate) fn check_free(out: &Path) -> Result<(), String> {
    let is_empty = std::fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_none());
    if is_empty || out.symlink_metadata().is_err() {
        return check_creatable(out);
    }
    Err(format!("{} exists: remove it, or choose another --out", out.display()))
}

/// Writes a file that only its owner may read. Nothing is overwritten.
///
/// # Errors
///
/// If something is there, or the file cannot be written.
pub(super) fn write(out: &Path, text: &str) -> Result<(), String> {
    if out.is_dir() {
        return Err(format!("{} is a folder: name a file with --out", out.display()));
    }
    check_free(out)?;
    write_private_file(out, text)
}
