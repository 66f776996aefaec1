//! Submissions that are archives. Nothing is unpacked to the disk, and there is a limit on the unpacked size.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use zip::ZipArchive;

use super::source_files::{
    SourceFiles, check_count, inner_path, is_a_link, is_source, read_limited,
};

/// The largest unpacked size of a compressed tar archive, in bytes.
const EXPANDED_LIMIT: u64 = 256 << 20;

/// The Rust files of a zip archive.
pub(super) fn from_zip(path: &Path) -> Result<SourceFiles, String> {
    let unreadable = |error| format!("it is not a valid zip archive: {error}");
    let file = File::open(path).map_err(|error| format!("cannot read it: {error}"))?;
    let mut archive = ZipArchive::new(file).map_err(unreadable)?;
    check_count(archive.len())?;
    let mut sources = SourceFiles::new();
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(unreadable)?;
        let name = entry.name().map_err(unreadable)?.into_owned();
        let path = inner_path(Path::new(&name))?;
        if !is_source(&path) || is_clutter(&path) {
            continue;
        }
        if entry.is_symlink() {
            return Err(is_a_link(&path));
        }
        if entry.is_file() {
            let content = read_limited(entry, &path)?;
            sources.insert(path, content);
        }
    }
    Ok(sources)
}

/// The Rust files of a compressed tar archive.
pub(super) fn from_tar(path: &Path) -> Result<SourceFiles, String> {
    let unreadable = |error| format!("it is not a valid tar.gz archive: {error}");
    let file = File::open(path).map_err(|error| format!("cannot read it: {error}"))?;
    let mut archive = tar::Archive::new(GzDecoder::new(file).take(EXPANDED_LIMIT));
    let mut sources = SourceFiles::new();
    for (count, entry) in archive.entries().map_err(unreadable)?.enumerate() {
        let entry = entry.map_err(unreadable)?;
        check_count(count)?;
        let path = inner_path(&entry.path().map_err(unreadable)?)?;
        if !is_source(&path) || is_clutter(&path) {
            continue;
        }
        let kind = entry.header().entry_type();
        if kind.is_symlink() || kind.is_hard_link() {
            return Err(is_a_link(&path));
        }
        if kind.is_file() {
            let content = read_limited(entry, &path)?;
            sources.insert(path, content);
        }
    }
    Ok(sources)
}

/// Files that macOS adds to archives, and the output of builds.
fn is_clutter(path: &Path) -> bool {
    let is = |part: &std::ffi::OsStr| {
        let name = part.to_string_lossy();
        name == "__MACOSX" || name == "target" || name.starts_with("._")
    };
    path.iter().any(is)
}
