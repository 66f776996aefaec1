//! Submissions that are tar archives. Nothing is unpacked to the disk.

use std::io::{self, Read};

use flate2::read::GzDecoder;
use tar::{Archive, Entry};

use super::limits;
use super::path::{of_source, show};
use super::sources::{Sources, is_a_link};

/// Adds the Rust files of a tar archive that is compressed with gzip.
///
/// # Errors
///
/// If it cannot be read, or is not within the limits.
pub(super) fn add_compressed(sources: &mut Sources, file: impl Read) -> Result<(), String> {
    add(sources, GzDecoder::new(file))
}

/// Adds the Rust files of a tar archive.
///
/// # Errors
///
/// If it cannot be read, or is not within the limits.
pub(super) fn add(sources: &mut Sources, reader: impl Read) -> Result<(), String> {
    let mut archive = Archive::new(Unpacked { reader, left: sources.unpacked_left });
    let added = add_all(sources, &mut archive);
    sources.unpacked_left = archive.into_inner().left;
    if sources.unpacked_left == 0 {
        let limit = limits::UNPACKED_SIZE >> 20;
        return Err(format!(
            "it unpacks to more than {limit} MiB: leave out what a build has made"
        ));
    }
    added
}

fn add_all(sources: &mut Sources, archive: &mut Archive<impl Read>) -> Result<(), String> {
    let place = sources.show_place();
    let unreadable = |error: io::Error| {
        format!("{place} is not a valid tar archive: {}", show(error.to_string().as_bytes()))
    };
    for entry in archive.entries().map_err(unreadable)? {
        add_entry(sources, entry.map_err(unreadable)?)?;
    }
    Ok(())
}

fn add_entry(sources: &mut Sources, entry: Entry<'_, impl Read>) -> Result<(), String> {
    let name = entry.path_bytes().into_owned();
    sources.see(&name)?;
    let Some(path) = of_source(&name)? else {
        if entry.header().entry_type().is_file() && sources.wants_archive(&name) {
            sources.add_archive(&name, entry)?;
        }
        return Ok(());
    };
    let kind = entry.header().entry_type();
    if kind.is_symlink() || kind.is_hard_link() {
        Err(is_a_link(&path))
    } else if kind.is_file() {
        sources.add(path, entry)
    } else if kind.is_dir() {
        Ok(())
    } else {
        Err(format!("{} is not an ordinary file", path.display()))
    }
}

/// The archive without its compression, up to the largest size.
struct Unpacked<R> {
    reader: R,
    left: u64,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        limits::check_time().map_err(io::Error::other)?;
        let count = self.reader.by_ref().take(self.left).read(buffer)?;
        self.left -= count as u64;
        Ok(count)
    }
}
