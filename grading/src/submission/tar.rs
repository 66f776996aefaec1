//! Submissions that are compressed tar archives. Nothing is unpacked to the disk.

use std::fs::File;
use std::io::{self, Read};

use flate2::read::GzDecoder;
use tar::{Archive, Entry};

use super::limits;
use super::path::{of_source, show};
use super::sources::{Sources, is_a_link};

/// The Rust files of a compressed tar archive.
pub(super) fn sources(file: File) -> Result<Sources, String> {
    let mut archive =
        Archive::new(Unpacked { reader: GzDecoder::new(file), left: limits::UNPACKED_SIZE });
    let mut sources = Sources::default();
    let added = add_all(&mut sources, &mut archive);
    if archive.into_inner().left == 0 {
        let limit = limits::UNPACKED_SIZE >> 20;
        return Err(format!(
            "it unpacks to more than {limit} MiB: leave out what a build has made"
        ));
    }
    added.map(|()| sources)
}

fn add_all(sources: &mut Sources, archive: &mut Archive<impl Read>) -> Result<(), String> {
    let unreadable = |error: io::Error| {
        format!("it is not a valid tar.gz archive: {}", show(error.to_string().as_bytes()))
    };
    for entry in archive.entries().map_err(unreadable)? {
        add(sources, entry.map_err(unreadable)?)?;
    }
    Ok(())
}

fn add(sources: &mut Sources, entry: Entry<'_, impl Read>) -> Result<(), String> {
    let name = entry.path_bytes().into_owned();
    sources.see(&name)?;
    let Some(path) = of_source(&name)? else {
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
