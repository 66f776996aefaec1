//! Submissions that are folders.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use walkdir::{DirEntry, WalkDir};

use super::limits;

use super::path::{check_depth, is_made_by_tools, of_source, show};
use super::sources::{Sources, check_size, is_a_link};
use crate::files::open_file;

/// Adds the Rust files of a folder. Links are not followed, and folders that tools make are left out.
///
/// # Errors
///
/// If it cannot be read, or is not within the limits.
pub(super) fn add(sources: &mut Sources, folder: &Path) -> Result<(), String> {
    let wanted =
        |entry: &DirEntry| entry.depth() == 0 || !is_made_by_tools(entry.file_name().as_bytes());
    // With fewer open folders than levels, all names of a folder would be kept at once.
    let walk =
        WalkDir::new(folder).min_depth(1).max_depth(limits::DEPTH + 1).max_open(limits::DEPTH + 2);
    for entry in walk.into_iter().filter_entry(wanted) {
        let entry = entry.map_err(|error| {
            let reason = error.io_error().map_or_else(String::new, ToString::to_string);
            format!("cannot read one of its folders: {reason}")
        })?;
        add_entry(sources, folder, &entry)?;
    }
    Ok(())
}

fn add_entry(sources: &mut Sources, folder: &Path, entry: &DirEntry) -> Result<(), String> {
    let path = entry.path().strip_prefix(folder).unwrap_or(entry.path());
    sources.see(path.as_os_str().as_bytes())?;
    check_depth(entry.depth())?;
    let bytes = path.as_os_str().as_bytes();
    let Some(inner) = of_source(bytes)? else {
        if entry.file_type().is_file() && sources.wants_archive(bytes) {
            let file = open_file(entry.path(), &show(bytes))?;
            sources.add_archive(bytes, file)?;
        }
        return Ok(());
    };
    if entry.path_is_symlink() {
        return Err(is_a_link(&inner));
    }
    if entry.file_type().is_dir() {
        return Ok(());
    }
    let file = open_file(entry.path(), &inner.display().to_string())?;
    check_size(file.metadata().map_or(0, |metadata| metadata.len()), &inner)?;
    sources.add(inner, file)
}
