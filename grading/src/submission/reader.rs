//! The process that reads a submission, seen from inside.

use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::error::ReadError;

use super::select::select;
use super::sources::Sources;
use super::student_files::StudentFiles;
use super::{answer, folder, git, limits, tar, zip};
use crate::files::open_file;
use crate::tree;

/// The argument that makes this program a reader.
pub(crate) const READER: &str = "__read";

/// What to read.
#[derive(Debug, clap::Args)]
pub(crate) struct Reader {
    /// The file or folder that was handed in.
    path: PathBuf,
}

/// Reads a submission, and writes what it finds to the standard output.
pub(crate) fn read(reader: &Reader) -> ExitCode {
    let answer = limits::apply().map_err(ReadError::Fault).and_then(|()| files(&reader.path));
    match answer::send(&answer, std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// The students' files in what was handed in.
///
/// # Errors
///
/// Why there are none.
pub(super) fn files(path: &Path) -> Result<StudentFiles, ReadError> {
    // Git starts in another folder.
    let path = std::path::absolute(path).map_err(|error| ReadError::Fault(error.to_string()))?;
    let path = path.as_path();
    let metadata = path.symlink_metadata().map_err(|error| format!("cannot read it: {error}"))?;
    let sources = if let Some(git_folder) = git::git_folder(path) {
        git::sources(&git_folder)?
    } else if metadata.is_dir() {
        folder::sources(path)?
    } else {
        from_file(path)?
    };
    Ok(select(&sources)?)
}

fn from_file(path: &Path) -> Result<Sources, String> {
    let file = open_file(path, "it")?;
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    if size > limits::SIZE {
        let (size, limit) = (size.div_ceil(1 << 20), limits::SIZE >> 20);
        return Err(format!("it is {size} MiB large; the limit is {limit} MiB"));
    }
    let name = path.file_name().unwrap_or_default().as_bytes().to_ascii_lowercase();
    if name.ends_with(b".zip") {
        zip::sources(file)
    } else if name.ends_with(b".tar.gz") || name.ends_with(b".tgz") {
        tar::sources(file)
    } else if name.ends_with(b".rs") {
        single_file(file)
    } else {
        Err("it must be a .rs file, a folder, a .zip, a .tar.gz or a git repository".to_owned())
    }
}

/// A file on its own counts as the first of the students' files, whatever it is called.
fn single_file(file: File) -> Result<Sources, String> {
    let name = Path::new(tree::LABS[0].files[0]).file_name().unwrap_or_default();
    let mut sources = Sources::default();
    sources.add(PathBuf::from(name), file)?;
    Ok(sources)
}
