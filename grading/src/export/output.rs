//! Writing what is exported.

use std::path::Path;

use crate::files::write_private_file;

/// What an export has to say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Exported {
    /// What was written, and what to do with it.
    pub(crate) lines: Vec<String>,
    /// A sentence for each reason why somebody was left out.
    pub(crate) left_out: Vec<String>,
}

/// Checks that nothing would be overwritten.
///
/// # Errors
///
/// If there is a file, or a folder that is not empty.
pub(super) fn check_free(out: &Path) -> Result<(), String> {
    let is_empty = std::fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_none());
    if is_empty || out.symlink_metadata().is_err() {
        return Ok(());
    }
    Err(format!("{} exists: remove it, or choose another --out", out.display()))
}

/// Writes a file that only its owner may read. Nothing is overwritten.
///
/// # Errors
///
/// If something is there, or the file cannot be written.
pub(super) fn write(out: &Path, text: &str) -> Result<(), String> {
    check_free(out)?;
    write_private_file(out, text)
}

/// A path as a word of a command line.
pub(super) fn shell(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |letter: char| letter.is_alphanumeric() || "/._-+,@%".contains(letter);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(is_plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}
