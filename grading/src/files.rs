//! Reading and writing files.

use std::fs::{File, FileType};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

/// Opens a file for reading. Never waits, and never opens a link, a FIFO or a device.
///
/// # Errors
///
/// If it cannot be opened, or is no file; `show` is what the message calls it.
pub(crate) fn open_file(path: &Path, show: &str) -> Result<File, String> {
    let fail = |error: io::Error| format!("cannot read {show}: {error}");
    // Without NONBLOCK, opening a FIFO waits for a writer.
    let flags =
        OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(Errno::LOOP) => return Err(format!("{show} is a link: hand in the file itself")),
        Err(Errno::NXIO) => return Err(format!("{show} is a socket, not a file")),
        Err(error) => return Err(fail(error.into())),
    };
    let kind = file.metadata().map_err(fail)?.file_type();
    if kind.is_file() { Ok(file) } else { Err(format!("{show} is {}, not a file", describe(kind))) }
}

fn describe(kind: FileType) -> &'static str {
    if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else if kind.is_dir() {
        "a folder"
    } else {
        "a device"
    }
}

/// Reads a file that the instructor has written, such as a rubric. Links are followed.
///
/// # Errors
///
/// If it cannot be read, is no file, is larger than `limit` bytes, or is not UTF-8.
pub(crate) fn read_text(path: &Path, limit: u64) -> Result<String, String> {
    let fail = |error: io::Error| format!("cannot read {}: {error}", path.display());
    let real = path.canonicalize().map_err(fail)?;
    let file = open_file(&real, &path.display().to_string())?;
    let mut content = Vec::new();
    file.take(limit + 1).read_to_end(&mut content).map_err(fail)?;
    if content.len() as u64 > limit {
        return Err(format!("{} is larger than {} KiB", path.display(), limit >> 10));
    }
    String::from_utf8(content).map_err(|_| format!("{} is not UTF-8 text", path.display()))
}

/// Writes a file, and creates the folders above it.
///
/// # Errors
///
/// If the file cannot be written; the message names it.
pub(crate) fn write_file(path: &Path, content: impl AsRef<[u8]>) -> Result<(), String> {
    std::fs::create_dir_all(path.parent().unwrap_or(path))
        .and_then(|()| std::fs::write(path, content))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// Writes a file that only its owner may read, and creates the folders above it. If that fails, an old file
/// stays as it was.
///
/// # Errors
///
/// If the file cannot be written; the message names it.
pub(crate) fn write_private_file(path: &Path, content: impl AsRef<[u8]>) -> Result<(), String> {
    let folder = path.parent().unwrap_or(path);
    let write = || -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        // Temporary files are their owner's alone.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(content.as_ref())?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error| format!("cannot write {}: {error}", path.display()))
}
