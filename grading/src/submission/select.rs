//! Selecting the students' files among all files of a submission.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::copies::original_name;
use super::loose_modules::loose_modules;
use super::path;
use super::selected::{Origin, Selected};
use super::sources::Sources;
use super::student_files::StudentFiles;
use crate::tree::{self, Lab};

/// What the students' files are called.
const NAMES: &str = "raft.rs, server.rs, client.rs or replica.rs";

/// How many files a message names that are none of these.
const FOUND: usize = 3;

/// The folders of crates that students are given. Their files are not the students', whatever their names.
const GIVEN: &[&str] = &["labgob", "labrpc", "tests", "grading"];

/// A source file: its path in the submission, and the path by which it counts. A second copy that a browser has made
/// of `raft.rs` counts as `raft.rs`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Candidate<'a> {
    path: &'a Path,
    counts_as: PathBuf,
}

/// Whether there is a file that may be one of the students'.
pub(super) fn has_candidates(sources: &Sources) -> bool {
    tree::student_files().any(|file| !candidates(sources, Path::new(file)).is_empty())
}

/// Selects the students' files, and the modules beside them. A lab without any file keeps its stubs.
///
/// # Errors
///
/// What is missing, ambiguous or invalid, in a sentence for the student.
pub(super) fn select(sources: &Sources) -> Result<Selected, String> {
    let mut files = BTreeMap::new();
    let mut origins = BTreeMap::new();
    for lab in tree::LABS {
        for (file, candidate) in files_of_lab(lab, sources)? {
            add(sources, &candidate, file, &mut files, &mut origins)?;
        }
    }
    if files.is_empty() {
        return Err(nothing_found(sources));
    }
    let mut origin = Origin::default();
    for path in sources.paths() {
        match origins.get(path) {
            Some(target) => origin.take(path, target),
            None => origin.leave(path, why_left(path)),
        }
    }
    Ok(Selected { files: StudentFiles(files), origin })
}

/// Why a file does not count, in a few words.
fn why_left(path: &Path) -> &'static str {
    let is_one = |name: &OsStr| tree::student_files().any(|file| Path::new(file).ends_with(name));
    if is_given(path) {
        "in a crate that is given"
    } else if path.file_name().is_some_and(is_one) {
        "another file of its name is in its place"
    } else if original_name(path).is_some_and(|name| is_one(name.as_ref())) {
        "a copy"
    } else {
        "not a file that you write, nor a module of one"
    }
}

fn nothing_found(sources: &Sources) -> String {
    let hint = match sources.archive() {
        Some(archive) => format!(", but the archive {archive}: hand in what is in it"),
        None => {
            let others: Vec<String> =
                sources.paths().take(FOUND).map(|path| path.display().to_string()).collect();
            if others.is_empty() {
                ": nothing in it ends in .rs".to_owned()
            } else {
                format!(", but {}: give the file its name", others.join(", "))
            }
        }
    };
    format!("it contains no file named {NAMES}{hint}")
}

/// The files of one lab: all of them, or none.
fn files_of_lab<'a>(
    lab: &Lab,
    sources: &'a Sources,
) -> Result<Vec<(&'static Path, Candidate<'a>)>, String> {
    let files = || lab.files.iter().map(Path::new);
    let found: Vec<Option<Candidate<'_>>> =
        files().map(|file| find(sources, file)).collect::<Result<_, _>>()?;
    let Some((present, _)) = files().zip(&found).find(|(_, found)| found.is_some()) else {
        return Ok(Vec::new());
    };
    let pair = |(file, found): (&'static Path, Option<Candidate<'a>>)| {
        let missing = || format!("it contains {} but not {}", present.display(), file.display());
        Ok((file, found.ok_or_else(missing)?))
    };
    files().zip(found).map(pair).collect()
}

/// Finds one of the students' files. A file in its proper place is preferred. A file elsewhere counts if it is
/// the only one of its name, if it is not in the place of another of the students' files, and if no earlier
/// one of the students' files has the same name.
fn find<'a>(sources: &'a Sources, wanted: &Path) -> Result<Option<Candidate<'a>>, String> {
    let namesakes = || namesakes(wanted);
    let is_another = |path: &Path| {
        namesakes().filter(|file| *file != wanted).any(|file| is_at(path, file))
            && !is_at(path, wanted)
    };
    let mut found = candidates(sources, wanted);
    found.retain(|candidate| !is_another(&candidate.counts_as));
    let is_first = namesakes().next() == Some(wanted);
    if is_first
        && let [first, others @ ..] = found.as_slice()
        && let Some(other) = others.iter().find(|other| archive(other.path) != archive(first.path))
    {
        // Archives that were handed in one after the other: nothing tells which of them counts.
        return Err(two_files(wanted, first, other));
    }
    let is_in_place = |candidate: &Candidate<'_>| is_at(&candidate.counts_as, wanted);
    if !is_first || found.len() > 1 && found.iter().any(is_in_place) {
        found.retain(is_in_place);
    }
    match found.as_slice() {
        [] => Ok(None),
        [file] => check_for_copies(sources, file.path).map(|()| Some(file.clone())),
        [first, second, ..] => Err(two_files(wanted, first, second)),
    }
}

fn two_files(wanted: &Path, first: &Candidate<'_>, second: &Candidate<'_>) -> String {
    format!(
        "it contains two files named {}: {} and {}",
        wanted.file_name().unwrap_or_default().display(),
        first.path.display(),
        second.path.display()
    )
}

/// The archive that a file was in, within the submission; empty if it was in none.
fn archive(path: &Path) -> PathBuf {
    let parts: Vec<&OsStr> = path.iter().collect();
    let is_archive = |part: &&OsStr| path::is_archive(part.as_encoded_bytes());
    let length = parts.iter().rposition(is_archive).map_or(0, |last| last + 1);
    parts[..length].iter().collect()
}

/// The files with the name of one of the students' files, outside crates that are given. If there is none, those that
/// are second copies of one going by their names.
fn candidates<'a>(sources: &'a Sources, wanted: &Path) -> Vec<Candidate<'a>> {
    let paths = || sources.paths().filter(|path| !is_given(path));
    let named = paths().filter(|path| path.file_name() == wanted.file_name());
    let named: Vec<_> = named.map(|path| Candidate { path, counts_as: path.to_owned() }).collect();
    if !named.is_empty() {
        return named;
    }
    let original = |path: &'a Path| {
        let name = original_name(path).filter(|name| wanted.ends_with(name))?;
        Some(Candidate { path, counts_as: path.with_file_name(name) })
    };
    paths().filter_map(original).collect()
}

/// The students' files with the same name as this one.
fn namesakes(wanted: &Path) -> impl Iterator<Item = &'static Path> {
    tree::student_files().map(Path::new).filter(|file| file.file_name() == wanted.file_name())
}

/// Checks that there is no other file beside this one that may be a newer version of it.
fn check_for_copies(sources: &Sources, file: &Path) -> Result<(), String> {
    let is_copy = |path: &&Path| {
        let name = original_name(path);
        path.parent() == file.parent() && name.is_some_and(|name| file.ends_with(name))
    };
    match sources.paths().find(is_copy) {
        None => Ok(()),
        Some(copy) => {
            let [file, copy] = [file, copy].map(Path::display);
            Err(format!("it contains {file} and {copy}: leave the one that counts"))
        }
    }
}

/// Whether a file is in a crate that students are given.
fn is_given(path: &Path) -> bool {
    let mut parts = path.iter();
    parts.any(|part| GIVEN.iter().any(|given| part == *given)) && parts.any(|part| part == "src")
}

/// Whether a path ends like a file's path in the workspace. `src` may be left out.
fn is_at(path: &Path, file: &Path) -> bool {
    let without_src: PathBuf = file.iter().filter(|part| *part != "src").collect();
    path.ends_with(file) || path.ends_with(without_src)
}

/// Adds a file, the modules in the folder of the same name beside it, and those that came without a folder. `origins` says what has become of each path.
fn add<'a>(
    sources: &'a Sources,
    candidate: &Candidate<'_>,
    wanted: &Path,
    files: &mut BTreeMap<PathBuf, String>,
    origins: &mut BTreeMap<&'a Path, PathBuf>,
) -> Result<(), String> {
    let modules = candidate.counts_as.with_extension("");
    for (source, content) in sources.iter() {
        let target = match source.strip_prefix(&modules) {
            Ok(rest) => wanted.with_extension("").join(rest),
            Err(_) if source == candidate.path => wanted.to_owned(),
            Err(_) => continue,
        };
        files.insert(target.clone(), text_of(source, content)?);
        origins.insert(source, target);
    }
    for (source, target) in loose_modules(sources, candidate.path, wanted, files) {
        files.insert(target.clone(), text_of(source, sources.content(source))?);
        origins.insert(source, target);
    }
    Ok(())
}

fn text_of(path: &Path, content: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(content);
    text.map(plain).map_err(|_| format!("{} is not UTF-8 text", path.display()))
}

/// The text as the compiler reads it: without a byte order mark, and with lines that end in a line feed alone. So the
/// same program is the same submission, on whatever system it was written.
fn plain(text: &str) -> String {
    text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n")
}

#[cfg(test)]
mod tests;
