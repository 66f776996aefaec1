//! Submissions that are archives. Nothing is unpacked to the disk, and what expands without end is cut
//! off.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use zip::ZipArchive;

use super::{ENTRY_LIMIT, Sources, inner_path, is_a_link, is_source, read_limited, too_many};

/// The most that a compressed archive may hold, in bytes.
const EXPANDED_LIMIT: u64 = 256 << 20;

/// The Rust files of a zip archive.
pub(super) fn from_zip(path: &Path) -> Result<Sources, String> {
    let unreadable = |error| format!("it is no zip archive that can be read: {error}");
    let file = File::open(path).map_err(|error| format!("it cannot be read: {error}"))?;
    let mut archive = ZipArchive::new(file).map_err(unreadable)?;
    if archive.len() > ENTRY_LIMIT {
        return Err(too_many());
    }
    let mut sources = Sources::new();
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
pub(super) fn from_tar(path: &Path) -> Result<Sources, String> {
    let unreadable = |error| format!("it is no tar.gz archive that can be read: {error}");
    let file = File::open(path).map_err(|error| format!("it cannot be read: {error}"))?;
    let mut archive = tar::Archive::new(GzDecoder::new(file).take(EXPANDED_LIMIT));
    let mut sources = Sources::new();
    for (count, entry) in archive.entries().map_err(unreadable)?.enumerate() {
        let entry = entry.map_err(unreadable)?;
        if count > ENTRY_LIMIT {
            return Err(too_many());
        }
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

/// What a Macintosh adds to archives, and what builds leave behind.
fn is_clutter(path: &Path) -> bool {
    let is = |part: &std::ffi::OsStr| {
        let name = part.to_string_lossy();
        name == "__MACOSX" || name == "target" || name.starts_with("._")
    };
    path.iter().any(is)
}
