//! Submissions that are zip archives. Nothing is unpacked to the disk.

use std::fs::File;
use std::io::BufReader;

use zip::ZipArchive;
use zip::read::ZipFile;

use super::path::of_source;
use super::sources::{Sources, is_a_link};

/// The Rust files of a zip archive.
pub(super) fn sources(file: File) -> Result<Sources, String> {
    let unreadable = |error| format!("it is not a valid zip archive: {error}");
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(unreadable)?;
    Sources::check_count(archive.len())?;
    if archive.has_duplicate_names() {
        return Err("it contains two files of the same name".to_owned());
    }
    let mut sources = Sources::default();
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(unreadable)?;
        let name = unix_path(&entry);
        sources.see(&name)?;
        let Some(path) = of_source(&name)? else {
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
    Ok(sources)
}

/// The path of a file in the archive. Some programs on Windows write backslashes.
fn unix_path<R: std::io::Read>(entry: &ZipFile<'_, R>) -> Vec<u8> {
    let bytes = entry.name_raw().iter();
    bytes.map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect()
}
