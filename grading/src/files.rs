//! Reading and writing files.

use std::fs::{File, FileType};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use rustix::fs::{Access, Mode, OFlags};
use rustix::io::Errno;

/// Why something could not be done with a file, and what to do about it if that is known.
pub(crate) fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        ErrorKind::PermissionDenied => {
            "you have no permission: change that with chmod, or choose another path".to_owned()
        }
        ErrorKind::NotADirectory => "a part of the path is a file, not a folder".to_owned(),
        ErrorKind::IsADirectory => "it is a folder".to_owned(),
        ErrorKind::StorageFull => "the disk is full: make room, and repeat the command".to_owned(),
        ErrorKind::ReadOnlyFilesystem => "the disk is read-only: choose another path".to_owned(),
        ErrorKind::InvalidFilename => "the path is too long: choose a shorter one".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or_default().to_owned()
        }
    }
}

/// Checks that a file or folder could be made at a path, or is a folder that can be written to. Nothing is written.
///
/// # Errors
///
/// If not: a sentence that names what is in the way.
pub(crate) fn check_creatable(path: &Path) -> Result<(), String> {
    let show = path.display();
    let full = std::path::absolute(path)
        .map_err(|error| format!("cannot write {show}: {}", reason(&error)))?;
    for folder in full.ancestors() {
        match folder.symlink_metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) if error.kind() == ErrorKind::NotADirectory => continue,
            Err(error) => return Err(format!("cannot write {show}: {}", reason(&error))),
            Ok(_) if !folder.is_dir() => {
                return Err(format!("cannot write {show}: {} is not a folder", folder.display()));
            }
            Ok(_) => {}
        }
        let access = rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK);
        return access.map_err(|error| {
            format!("cannot write {show}: in {}, {}", folder.display(), reason(&error.into()))
        });
    }
    Ok(())
}

/// Checks that a file could be written, perhaps over an older one, without writing anything.
///
/// # Errors
///
/// If not: a sentence that names what is in the way.
pub(crate) fn check_writable(path: &Path) -> Result<(), String> {
    match path.metadata() {
        Ok(found) if found.is_dir() => {
            Err(format!("cannot write {}: it is a folder", path.display()))
        }
        Ok(_) => rustix::fs::access(path, Access::WRITE_OK)
            .map_err(|error| format!("cannot write {}: {}", path.display(), reason(&error.into()))),
        Err(_) => check_creatable(path),
    }
}

/// Opens a file for reading. Never waits, and never opens a link, a FIFO or a device.
///
/// # Errors
///
/// If it cannot be opened, or is no file; `show` is what the message calls it.
pub(crate) fn open_file(path: &Path, show: &str) -> Result<File, String> {
    let fail = |error: io::Error| format!("cannot read {show}: {}", reason(&error));
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
    let fail = |error: io::Error| format!("cannot read {}: {}", path.display(), reason(&error));
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
        .map_err(|error| format!("cannot write {}: {}", path.display(), reason(&error)))
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
    write().map_err(|error| format!("cannot write {}: {}", path.display(), reason(&error)))
}
