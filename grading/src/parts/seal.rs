//! The seal of a part: what its results were when it was done.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::part::Part;
use crate::files::{reason, write_private_file};
use crate::seeds::digest;
use crate::tree::{hash_files, hex};

const NAME: &str = "seal";

impl Part {
    /// Seals the results of the part.
    ///
    /// # Errors
    ///
    /// If they cannot be read, or the seal cannot be written.
    pub(crate) fn seal(&self, results: &Path) -> Result<(), String> {
        let folder = self.folder(results);
        write_private_file(&folder.join(NAME), seal_of(&folder, &self.key)?)
    }
}

/// The state of a part's results.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum State {
    /// They are as they were when the part was done.
    Done,
    /// The part is not done, or not here.
    Missing,
    /// They have been changed since, or have not come here whole.
    Changed,
}

/// Looks at the results of a part. `key` is the part's.
///
/// # Errors
///
/// If they cannot be read.
pub(super) fn look_at(folder: &Path, key: &str) -> Result<State, String> {
    let Ok(seal) = std::fs::read_to_string(folder.join(NAME)) else {
        return Ok(State::Missing);
    };
    Ok(if seal == seal_of(folder, key)? { State::Done } else { State::Changed })
}

/// What the seal of a part must be: it depends on all files but the seal.
fn seal_of(folder: &Path, key: &str) -> Result<String, String> {
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
        let path = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        if entry.file_type().is_file() && path != Path::new(NAME) {
            let content = std::fs::read(entry.path()).map_err(|error| {
                format!("cannot read {}: {}", entry.path().display(), reason(&error))
            })?;
            files.push((path.to_owned(), content));
        }
    }
    let hash = hash_files(files.iter().map(|(path, content)| (path.as_path(), content.as_slice())));
    Ok(hex(&digest(key.as_bytes(), hash.as_bytes())))
}
