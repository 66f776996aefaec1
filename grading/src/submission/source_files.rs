//! The Rust files of a submission, and the limits on reading them.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

/// The largest source file, in bytes.
pub(super) const FILE_LIMIT: u64 = 1 << 20;

/// The largest number of entries of an archive or folder.
pub(super) const ENTRY_LIMIT: usize = 20_000;

/// The Rust files of a submission, by their path in it.
pub(super) type SourceFiles = BTreeMap<PathBuf, Vec<u8>>;

/// Whether a file is a Rust source file.
pub(super) fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

/// Reads a source file.
///
/// # Errors
///
/// If it cannot be read, or is too large.
pub(super) fn read_limited(reader: impl Read, path: &Path) -> Result<Vec<u8>, String> {
    let mut content = Vec::new();
    reader
        .take(FILE_LIMIT + 1)
        .read_to_end(&mut content)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    check_size(content.len() as u64, path)?;
    Ok(content)
}

/// Checks the size of a source file.
///
/// # Errors
///
/// If it is too large.
pub(super) fn check_size(size: u64, path: &Path) -> Result<(), String> {
    if size > FILE_LIMIT {
        let limit = FILE_LIMIT >> 20;
        return Err(format!("the source file {} is larger than {limit} MiB", path.display()));
    }
    Ok(())
}

/// Checks the number of entries seen so far.
///
/// # Errors
///
/// If there are too many.
pub(super) fn check_count(entries: usize) -> Result<(), String> {
    if entries > ENTRY_LIMIT {
        return Err(format!("it has more than {ENTRY_LIMIT} files"));
    }
    Ok(())
}

/// The path of a file in an archive.
///
/// # Errors
///
/// If it leads out of the archive.
pub(super) fn inner_path(path: &Path) -> Result<PathBuf, String> {
    let mut inner = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => inner.push(name),
            Component::CurDir => {}
            _ => return Err(format!("the path {} leads out of the archive", path.display())),
        }
    }
    Ok(inner)
}

/// What to tell students who handed in a link.
pub(super) fn is_a_link(path: &Path) -> String {
    format!("{} is a link: hand in the file itself", path.display())
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::inner_path;

    #[test]
    fn no_path_leads_out_of_an_archive() {
        assert_eq!(inner_path(Path::new("./a/b.rs")), Ok(PathBuf::from("a/b.rs")));
        assert!(inner_path(Path::new("a/../../b.rs")).is_err());
        assert!(inner_path(Path::new("/etc/passwd")).is_err());
    }
}
