//! Opening what was handed in: files, and nothing else.

use std::fs::{File, FileType};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use rustix::fs::{Mode, OFlags};

/// Opens a file for reading. Never waits, and never opens what a link points to.
///
/// # Errors
///
/// If it cannot be opened, or is no file; `show` is what the sentence calls it.
pub(super) fn open(path: &Path, show: &str) -> Result<File, String> {
    let fail = |error: std::io::Error| format!("cannot read {show}: {error}");
    // Without NONBLOCK, opening a FIFO waits for a writer.
    let flags =
        OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(rustix::io::Errno::LOOP) => {
            return Err(format!("{show} is a link: hand in the file itself"));
        }
        // A socket cannot be opened.
        Err(rustix::io::Errno::NXIO) => return Err(format!("{show} is a socket, not a file")),
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
