//! Selecting the students' files among all files of a submission.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::copies::original_name;
use super::sources::Sources;
use super::student_files::StudentFiles;
use crate::tree::{self, Lab};

/// What the students' files are called.
const NAMES: &str = "raft.rs, server.rs, client.rs or replica.rs";

/// The folders of crates that students are given. Their files are not the students', whatever their names.
const GIVEN: &[&str] = &["labgob", "labrpc", "tests", "grading"];

/// Selects the students' files, and the modules beside them. A lab without any file keeps its stubs.
///
/// # Errors
///
/// What is missing, ambiguous or invalid, in a sentence for the student.
pub(super) fn select(sources: &Sources) -> Result<StudentFiles, String> {
    let mut files = BTreeMap::new();
    for lab in tree::LABS {
        for (file, path) in files_of_lab(lab, sources)? {
            add(sources, path, file, &mut files)?;
        }
    }
    if files.is_empty() {
        return Err(nothing_found(sources));
    }
    Ok(StudentFiles(files))
}

fn nothing_found(sources: &Sources) -> String {
    let is_ours = |name: &str| {
        tree::student_files().any(|file| Path::new(file).file_name() == Some(name.as_ref()))
    };
    let copy = sources.paths().find(|path| original_name(path).is_some_and(|name| is_ours(&name)));
    let hint = match (copy, sources.archive()) {
        (Some(copy), _) => format!(", but {}: rename it", copy.display()),
        (None, Some(archive)) => format!(", but the archive {archive}: hand in what is in it"),
        (None, None) => String::new(),
    };
    format!("it contains no file named {NAMES}{hint}")
}

/// The files of one lab, each with its path in the submission: all of them, or none.
fn files_of_lab<'a>(
    lab: &Lab,
    sources: &'a Sources,
) -> Result<Vec<(&'static Path, &'a Path)>, String> {
    let files = || lab.files.iter().map(Path::new);
    let found: Vec<Option<&Path>> =
        files().map(|file| find(sources, file)).collect::<Result<_, _>>()?;
    let Some((present, _)) = files().zip(&found).find(|(_, found)| found.is_some()) else {
        return Ok(Vec::new());
    };
    let pair = |(file, found): (&'static Path, Option<&'a Path>)| {
        let missing = || format!("it contains {} but not {}", present.display(), file.display());
        Ok((file, found.ok_or_else(missing)?))
    };
    files().zip(found).map(pair).collect()
}

/// Finds one of the students' files. A file in its proper place is preferred. A file elsewhere counts if it is
/// the only one of its name, if it is not in the place of another of the students' files, and if no earlier
/// one of the students' files has the same name.
fn find<'a>(sources: &'a Sources, wanted: &Path) -> Result<Option<&'a Path>, String> {
    let same_name = |path: &Path| path.file_name() == wanted.file_name();
    let namesakes = || tree::student_files().map(Path::new).filter(|file| same_name(file));
    let is_another = |path: &Path| {
        namesakes().filter(|file| *file != wanted).any(|file| is_at(path, file))
            && !is_at(path, wanted)
    };
    let paths = sources.paths().filter(|path| !is_given(path));
    let mut found: Vec<&Path> = paths.filter(|path| same_name(path) && !is_another(path)).collect();
    let is_first = namesakes().next() == Some(wanted);
    if !is_first || found.len() > 1 && found.iter().any(|path| is_at(path, wanted)) {
        found.retain(|path| is_at(path, wanted));
    }
    match found.as_slice() {
        [] => Ok(None),
        [file] => check_for_copies(sources, file).map(|()| Some(*file)),
        [first, second, ..] => Err(format!(
            "it contains two files named {}: {} and {}",
            wanted.file_name().unwrap_or_default().display(),
            first.display(),
            second.display()
        )),
    }
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

/// Adds a file, and the modules in the folder of the same name beside it.
fn add(
    sources: &Sources,
    path: &Path,
    wanted: &Path,
    files: &mut BTreeMap<PathBuf, String>,
) -> Result<(), String> {
    let modules = path.with_extension("");
    for (source, content) in sources.iter() {
        let target = match source.strip_prefix(&modules) {
            Ok(rest) => wanted.with_extension("").join(rest),
            Err(_) if source == path => wanted.to_owned(),
            Err(_) => continue,
        };
        let text = std::str::from_utf8(content)
            .map_err(|_| format!("{} is not UTF-8 text", source.display()))?;
        files.insert(target, text.to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Sources, select};

    fn selected(paths: &[&str]) -> Result<Vec<String>, String> {
        let mut sources = Sources::default();
        for path in paths {
            sources.see(path.as_bytes())?;
            if path.ends_with(".rs") {
                sources.add(PathBuf::from(path), b"x".as_slice())?;
            }
        }
        let files = select(&sources)?;
        Ok(files.iter().map(|(path, _)| path.display().to_string()).collect())
    }

    #[test]
    fn only_the_named_file_and_its_modules_count() {
        let files = selected(&["lab/raft/src/raft.rs", "lab/raft/src/raft/log.rs", "lab/build.rs"]);
        assert_eq!(files, Ok(vec!["raft/src/raft/log.rs".into(), "raft/src/raft.rs".into()]));
    }

    #[test]
    fn a_file_in_its_place_is_preferred_to_others_of_its_name() {
        let files = selected(&["old/raft.rs", "raft/src/raft.rs"]);
        assert_eq!(files, Ok(vec!["raft/src/raft.rs".into()]));
    }

    #[test]
    fn two_files_of_the_same_name_are_refused() {
        let problem = selected(&["a/raft.rs", "b/raft.rs"]);
        assert_eq!(
            problem,
            Err("it contains two files named raft.rs: a/raft.rs and b/raft.rs".into())
        );
    }

    #[test]
    fn copies_and_archives_are_not_passed_over() {
        assert_eq!(
            selected(&["src/raft.rs", "src/raft(1).rs"]),
            Err("it contains src/raft.rs and src/raft(1).rs: leave the one that counts".into())
        );
        let names = "raft.rs, server.rs, client.rs or replica.rs";
        assert_eq!(
            selected(&["raft (2).rs"]),
            Err(format!("it contains no file named {names}, but raft (2).rs: rename it"))
        );
        assert_eq!(
            selected(&["hw/lab2.ZIP"]),
            Err(format!(
                "it contains no file named {names}, but the archive hw/lab2.ZIP: hand in what is in it"
            ))
        );
    }

    #[test]
    fn files_of_given_crates_are_not_the_students() {
        let files = selected(&[
            "lab/labrpc/src/client.rs",
            "lab/labrpc/src/server.rs",
            "lab/raft/src/raft.rs",
            "lab/tests/src/harness/client.rs",
        ]);
        assert_eq!(files, Ok(vec!["raft/src/raft.rs".into()]));
    }

    #[test]
    fn labs_without_files_keep_their_stubs() {
        assert_eq!(selected(&["raft.rs"]), Ok(vec!["raft/src/raft.rs".into()]));
        let files = selected(&["server.rs", "client.rs", "client/cache.rs"]);
        let expected =
            ["client/cache.rs", "client.rs", "server.rs"].map(|file| format!("kvraft/src/{file}"));
        assert_eq!(files, Ok(expected.to_vec()));
        assert_eq!(
            selected(&["kvraft/src/server.rs", "raft.rs"]),
            Err("it contains kvraft/src/server.rs but not kvraft/src/client.rs".into())
        );
        assert_eq!(
            selected(&["main.rs"]),
            Err("it contains no file named raft.rs, server.rs, client.rs or replica.rs".into())
        );
    }

    #[test]
    fn files_of_the_same_name_are_distinguished_by_their_place() {
        let places = [
            "kvraft/src/client.rs",
            "kvraft/src/server.rs",
            "raft/src/raft.rs",
            "shardkv/src/client.rs",
            "shardkv/src/ctrler/client.rs",
            "shardkv/src/ctrler/server.rs",
            "shardkv/src/replica.rs",
            "shardkv/src/server.rs",
        ];
        let all: Vec<String> = places.iter().map(|place| (*place).to_owned()).collect();
        assert_eq!(selected(&places), Ok(all.clone()));
        let short: Vec<String> = places.iter().map(|place| place.replace("src/", "")).collect();
        let short: Vec<&str> = short.iter().map(String::as_str).collect();
        assert_eq!(selected(&short), Ok(all));
        let lab_4 = selected(&places[3..]);
        assert_eq!(lab_4.map(|files| files.len()), Ok(5));
    }
}
