//! The process that reads a submission, seen from inside.

use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::download::Part;
use super::error::ReadError;
use super::select::{has_candidates, select};
use super::selected::Selected;
use super::sources::Sources;
use super::{answer, folder, git, limits, path, tar, zip};
use crate::files::{open_file, reason};
use crate::tree;

/// The argument that makes this program a reader.
pub(crate) const READER: &str = "__read";

/// What to read.
#[derive(Debug, clap::Args)]
pub(crate) struct Reader {
    /// The files or folders that were handed in.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// For each of them the name that it had before a course system renamed it.
    #[arg(long = "name")]
    names: Vec<String>,
}

/// Reads a submission, and writes what it finds to the standard output.
pub(crate) fn read(reader: &Reader) -> ExitCode {
    let parts = reader.paths.iter().enumerate().map(|(place, path)| {
        let file_name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = reader.names.get(place).cloned().unwrap_or(file_name);
        Part { path: path.clone(), name }
    });
    let parts: Vec<Part> = parts.collect();
    let answer = limits::apply().map_err(ReadError::Fault).and_then(|()| files(&parts));
    match answer::send(&answer, std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// The students' files in what was handed in. If there are none, they are looked for in archives within it.
///
/// # Errors
///
/// Why there are none.
fn files(parts: &[Part]) -> Result<Selected, ReadError> {
    let mut sources = Sources::default();
    match only_part(parts) {
        Some(part) => add_only(&mut sources, &part.path)?,
        None => parts.iter().try_for_each(|part| add_one_of_several(&mut sources, part))?,
    }
    if !has_candidates(&sources) {
        for (name, content) in sources.take_archives() {
            sources.enter(name.clone());
            add_archive(&mut sources, name.as_os_str().as_bytes(), Cursor::new(content))?;
        }
    }
    Ok(select(&sources)?)
}

/// The only part that may contain source files, or the only one of all.
pub(super) fn only_part(parts: &[Part]) -> Option<&Part> {
    let mut found = parts.iter().filter(|part| may_count(part));
    match (found.next(), found.next(), parts) {
        (Some(part), None, _) | (None, _, [part]) => Some(part),
        _ => None,
    }
}

/// Whether something may contain source files, going by its name.
fn may_count(part: &Part) -> bool {
    let name = part.name.as_bytes();
    let is_folder = part.path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
    is_folder || name.to_ascii_lowercase().ends_with(b".rs") || path::is_archive(name)
}

/// Adds the only file or folder that was handed in.
fn add_only(sources: &mut Sources, path: &Path) -> Result<(), ReadError> {
    // Git starts in another folder.
    let path = std::path::absolute(path).map_err(|error| ReadError::Fault(error.to_string()))?;
    let path = path.as_path();
    let metadata =
        path.symlink_metadata().map_err(|error| format!("cannot read it: {}", reason(&error)))?;
    if let Some(git_folder) = git::git_folder(path) {
        return git::add(sources, &git_folder);
    }
    if metadata.is_dir() {
        return Ok(folder::add(sources, path)?);
    }
    let file = open(path, "it")?;
    let name = path.file_name().unwrap_or_default().as_bytes().to_ascii_lowercase();
    if name.ends_with(b".rs") {
        Ok(add_single_file(sources, file)?)
    } else if path::is_archive(&name) {
        Ok(add_archive(sources, &name, file)?)
    } else {
        let kinds =
            "it must be a .rs file, a folder, a .zip, a .tar, a .tar.gz or a git repository";
        Err(kinds.to_owned().into())
    }
}

/// Adds one of several files or folders, under the name that it had.
fn add_one_of_several(sources: &mut Sources, part: &Part) -> Result<(), String> {
    let name = part.name.as_bytes();
    sources.see(name)?;
    if part.path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return folder::add(sources, &part.path);
    }
    if let Some(inner) = path::of_source(name)? {
        let file = open(&part.path, &inner.display().to_string())?;
        sources.add(inner, file)
    } else if sources.wants_archive(name) {
        sources.add_archive(name, open(&part.path, &path::show(name))?)
    } else {
        Ok(())
    }
}

fn open(path: &Path, show: &str) -> Result<File, String> {
    let file = open_file(path, show)?;
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    if size > limits::SIZE {
        let (size, limit) = (size.div_ceil(1 << 20), limits::SIZE >> 20);
        return Err(format!("{show} is {size} MiB large; the limit is {limit} MiB"));
    }
    Ok(file)
}

/// Adds what is in an archive; `name` says of which kind it is.
fn add_archive(sources: &mut Sources, name: &[u8], file: impl Read + Seek) -> Result<(), String> {
    let name = name.to_ascii_lowercase();
    if name.ends_with(b".zip") {
        zip::add(sources, file)
    } else if name.ends_with(b".tar") {
        tar::add(sources, file)
    } else {
        tar::add_compressed(sources, file)
    }
}

/// A file on its own counts as the first of the students' files, whatever it is called.
fn add_single_file(sources: &mut Sources, file: File) -> Result<(), String> {
    let name = Path::new(tree::LABS[0].files[0]).file_name().unwrap_or_default();
    sources.add(PathBuf::from(name), file)
}
