//! Submissions that are folders.

use std::fs::File;
use std::path::Path;

use walkdir::WalkDir;

use super::source_files::{SourceFiles, check_count, is_a_link, is_source, read_limited};

/// The Rust files of a folder. Links are not followed.
pub(super) fn sources(folder: &Path) -> Result<SourceFiles, String> {
    let mut sources = SourceFiles::new();
    let skipped = |name: &std::ffi::OsStr| name == "target" || name == ".git";
    let walk = WalkDir::new(folder).into_iter();
    for (count, entry) in walk.filter_entry(|entry| !skipped(entry.file_name())).enumerate() {
        let entry = entry.map_err(|error| format!("cannot read it: {error}"))?;
        check_count(count)?;
        let path = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        if !is_source(path) {
            continue;
        }
        if entry.path_is_symlink() {
            return Err(is_a_link(path));
        }
        if entry.file_type().is_file() {
            let file = File::open(entry.path());
            let file = file.map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            sources.insert(path.to_owned(), read_limited(file, path)?);
        }
    }
    Ok(sources)
}
