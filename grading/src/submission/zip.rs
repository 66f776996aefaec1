//! Submissions that are zip archives. Nothing is unpacked to the disk.

use std::io::{BufReader, Read, Seek};

use zip::ZipArchive;
use zip::read::ZipFile;

use super::path::of_source;
use super::sources::{Sources, is_a_link};

/// Adds the Rust files of a zip archive.
///
/// # Errors
///
/// If it cannot be read, or is not within the limits.
pub(super) fn add(sources: &mut Sources, file: impl Read + Seek) -> Result<(), String> {
    let place = sources.show_place();
    let unreadable = |error| format!("{place} is not a valid zip archive: {error}");
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(unreadable)?;
    sources.check_count(archive.len())?;
    if archive.has_duplicate_names() {
        return Err(format!("{place} contains two files of the same name"));
    }
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(unreadable)?;
        let name = unix_path(&entry);
        sources.see(&name)?;
        let Some(path) = of_source(&name)? else {
            if entry.is_file() && sources.wants_archive(&name) {
                drop(entry);
                sources.add_archive(&name, archive.by_index(index).map_err(unreadable)?)?;
            }
            continue;
        };
        if entry.is_symlink() {
            return Err(is_a_link(&path));
        }
        if entry.is_file() {
            drop(entry);
            let entry = archive.by_index(index).map_err(unreadable)?;
            sources.add(path, entry)?;
        }
    }
    Ok(())
}

/// The path of a file in the archive. Some programs on Windows write backslashes.
fn unix_path<R: Read>(entry: &ZipFile<'_, R>) -> Vec<u8> {
    let bytes = entry.name_raw().iter();
    bytes.map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect()
}
