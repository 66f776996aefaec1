//! The Rust files of a submission, collected within limits.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{limits, path};

/// The Rust files of a submission, by their path in it.
#[derive(Debug, Default)]
pub(super) struct Sources {
    files: BTreeMap<PathBuf, Vec<u8>>,
    /// Bytes in all files.
    size: u64,
    /// Files and folders seen, without those that tools make.
    entries: usize,
    all_entries: usize,
    /// An archive that was found within the submission.
    archive: Option<String>,
}

impl Sources {
    /// Checks the number of files and folders of all kinds, where it is known beforehand.
    ///
    /// # Errors
    ///
    /// If there are too many.
    pub(super) fn check_count(count: usize) -> Result<(), String> {
        if count > limits::ALL_ENTRIES { Err(too_many(limits::ALL_ENTRIES)) } else { Ok(()) }
    }

    /// Counts a file or folder of any kind. It must be called before anything about it is kept.
    ///
    /// # Errors
    ///
    /// If there are too many of them, or if reading takes too long.
    pub(super) fn see(&mut self, path: &[u8]) -> Result<(), String> {
        self.all_entries += 1;
        if self.all_entries > limits::ALL_ENTRIES {
            return Err(too_many(limits::ALL_ENTRIES));
        }
        if !path::is_made_by_tools(path) {
            self.entries += 1;
            if self.entries > limits::ENTRIES {
                return Err(too_many(limits::ENTRIES));
            }
            if self.archive.is_none() && is_archive(path) {
                self.archive = Some(path::show(path));
            }
        }
        limits::check_time()
    }

    /// Adds a source file.
    ///
    /// # Errors
    ///
    /// If it cannot be read, is too large, or is there already.
    pub(super) fn add(&mut self, path: PathBuf, reader: impl Read) -> Result<(), String> {
        let mut content = Vec::new();
        reader
            .take(limits::FILE_SIZE + 1)
            .read_to_end(&mut content)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        check_size(content.len() as u64, &path)?;
        self.size += content.len() as u64;
        if self.size > limits::SIZE {
            let limit = limits::SIZE >> 20;
            return Err(format!("its source files are larger than {limit} MiB together"));
        }
        limits::check_time()?;
        let show = path.display().to_string();
        match self.files.insert(path, content) {
            None => Ok(()),
            Some(_) => Err(format!("it contains {show} twice")),
        }
    }

    /// The paths, sorted.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.keys().map(PathBuf::as_path)
    }

    /// The files, sorted by path.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Path, &[u8])> {
        self.files.iter().map(|(path, content)| (path.as_path(), content.as_slice()))
    }

    /// An archive that was found within the submission.
    pub(super) fn archive(&self) -> Option<&str> {
        self.archive.as_deref()
    }
}

/// Checks the size of a source file.
///
/// # Errors
///
/// If it is too large.
pub(super) fn check_size(size: u64, path: &Path) -> Result<(), String> {
    if size > limits::FILE_SIZE {
        let limit = limits::FILE_SIZE >> 20;
        return Err(format!("the source file {} is larger than {limit} MiB", path.display()));
    }
    Ok(())
}

fn too_many(limit: usize) -> String {
    format!("it has more than {limit} files")
}

fn is_archive(path: &[u8]) -> bool {
    [".zip", ".tar", ".tgz", ".gz", ".xz", ".7z", ".rar"]
        .iter()
        .any(|ending| path.to_ascii_lowercase().ends_with(ending.as_bytes()))
}

/// What to tell students who handed in a link.
pub(super) fn is_a_link(path: &Path) -> String {
    format!("{} is a link: hand in the file itself", path.display())
}
