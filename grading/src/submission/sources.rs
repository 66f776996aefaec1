//! The Rust files of a submission, collected within limits.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{limits, path};

/// The Rust files of a submission, by their path in it.
#[derive(Debug)]
pub(super) struct Sources {
    files: BTreeMap<PathBuf, Vec<u8>>,
    /// Where what is read now is in the submission: an archive, or empty.
    place: PathBuf,
    /// Bytes in all files, and in archives that are kept.
    size: u64,
    /// Files and folders seen, without those that tools make.
    entries: usize,
    all_entries: usize,
    /// How many bytes compressed archives may still unpack to.
    pub(super) unpacked_left: u64,
    /// The archives within the submission that may be opened.
    archives: BTreeMap<PathBuf, Vec<u8>>,
    /// An archive within the submission that may not.
    closed: Option<String>,
}

impl Default for Sources {
    fn default() -> Self {
        Sources {
            files: BTreeMap::new(),
            place: PathBuf::new(),
            size: 0,
            entries: 0,
            all_entries: 0,
            unpacked_left: limits::UNPACKED_SIZE,
            archives: BTreeMap::new(),
            closed: None,
        }
    }
}

impl Sources {
    /// What is read from now on is at this place in the submission.
    pub(super) fn enter(&mut self, place: PathBuf) {
        self.place = place;
    }

    /// What is being read, at the start of a sentence.
    pub(super) fn show_place(&self) -> String {
        if self.place.as_os_str().is_empty() {
            "it".to_owned()
        } else {
            self.place.display().to_string()
        }
    }

    /// Checks the number of files and folders of all kinds, where it is known beforehand.
    ///
    /// # Errors
    ///
    /// If there are too many.
    pub(super) fn check_count(&self, count: usize) -> Result<(), String> {
        if count > limits::ALL_ENTRIES - self.all_entries {
            Err(too_many(limits::ALL_ENTRIES))
        } else {
            Ok(())
        }
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
            if self.closed.is_none() && is_archive(path) {
                self.closed = Some(path::show(path));
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
        let path = self.place.join(path);
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

    /// Whether this is the path of an archive that [`add_archive`](Self::add_archive) would keep.
    pub(super) fn wants_archive(&self, path: &[u8]) -> bool {
        self.place.as_os_str().is_empty() && path::of_archive(path).is_some()
    }

    /// Keeps an archive within the submission. One that is too large, or cannot be read, is only remembered: it
    /// matters if there is nothing else.
    ///
    /// # Errors
    ///
    /// If reading takes too long.
    pub(super) fn add_archive(&mut self, path: &[u8], reader: impl Read) -> Result<(), String> {
        let Some(path) = path::of_archive(path) else { return Ok(()) };
        let mut content = Vec::new();
        let left = limits::SIZE - self.size;
        let is_read = reader.take(left + 1).read_to_end(&mut content).is_ok();
        if is_read && content.len() as u64 <= left {
            self.size += content.len() as u64;
            self.archives.insert(path, content);
        }
        limits::check_time()
    }

    /// The archives that were kept.
    pub(super) fn take_archives(&mut self) -> BTreeMap<PathBuf, Vec<u8>> {
        let archives = std::mem::take(&mut self.archives);
        // They are no sources, and are let go of one after the other.
        self.size -= archives.values().map(|content| content.len() as u64).sum::<u64>();
        archives
    }

    /// The paths, sorted.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.keys().map(PathBuf::as_path)
    }

    /// The files, sorted by path.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Path, &[u8])> {
        self.files.iter().map(|(path, content)| (path.as_path(), content.as_slice()))
    }

    /// What is in the file at this path; nothing if there is none.
    pub(super) fn content(&self, path: &Path) -> &[u8] {
        self.files.get(path).map_or(&[], Vec::as_slice)
    }

    /// An archive that was found within the submission.
    pub(super) fn archive(&self) -> Option<&str> {
        self.closed.as_deref()
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
