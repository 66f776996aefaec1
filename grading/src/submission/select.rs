//! Selecting the students' files among all files of a submission.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::copies::original_name;
use super::loose_modules::loose_modules;
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
                String::new()
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
    let is_in_place = |candidate: &Candidate<'_>| is_at(&candidate.counts_as, wanted);
    if !is_first || found.len() > 1 && found.iter().any(is_in_place) {
        found.retain(is_in_place);
    }
    match found.as_slice() {
        [] => Ok(None),
        [file] => check_for_copies(sources, file.path).map(|()| Some(file.clone())),
        [first, second, ..] => Err(format!(
            "it contains two files named {}: {} and {}",
            wanted.file_name().unwrap_or_default().display(),
            first.path.display(),
            second.path.display()
        )),
    }
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
        let files = select(&sources)?.files;
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
    fn modules_that_came_without_their_folder_count() {
        let select = |files: &[(&str, &str)]| {
            let mut sources = Sources::default();
            for (path, text) in files {
                sources.add(PathBuf::from(path), text.as_bytes()).expect("it is small");
            }
            let files = select(&sources).expect("it has a raft.rs").files;
            Vec::from_iter(files.iter().map(|(path, _)| path.display().to_string()))
        };
        let expected =
            |names: &[&str]| Vec::from_iter(names.iter().map(|name| format!("raft/src/{name}.rs")));
        let loose = select(&[
            ("hw/raft-1.rs", "mod log;\npub(crate) mod election;\nmod gone;\nmod server;"),
            ("hw/log-1.rs", "mod store;"),
            ("hw/election.rs", "mod log;"),
            ("hw/store.rs", ""),
            ("hw/server.rs", ""),
            ("hw/client.rs", ""),
            ("hw/other.rs", ""),
            ("gone.rs", ""),
        ]);
        let of_raft = Vec::from_iter(loose.into_iter().filter(|path| path.starts_with("raft")));
        assert_eq!(of_raft, expected(&["raft/election", "raft/log/store", "raft/log", "raft"]));
        let in_place = select(&[
            ("raft.rs", "mod log;"),
            ("raft/log.rs", "mod store;"),
            ("log.rs", ""),
            ("store.rs", ""),
        ]);
        assert_eq!(in_place, expected(&["raft/log/store", "raft/log", "raft"]));
    }

    #[test]
    fn what_is_there_instead_is_named() {
        assert_eq!(
            selected(&["a/raft_final.rs", "x.rs"]),
            Err("it contains no file named raft.rs, server.rs, client.rs or replica.rs, but a/raft_final.rs, x.rs: \
                 give the file its name"
                .into())
        );
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
    fn a_copy_counts_if_it_is_alone() {
        for path in ["raft(1).rs", "hw/src/raft (2).rs", "raft-1.rs"] {
            assert_eq!(selected(&[path]), Ok(vec!["raft/src/raft.rs".into()]), "{path}");
        }
        let files = selected(&["raft(1).rs", "raft/log.rs", "raft(1)/other.rs"]);
        assert_eq!(files, Ok(vec!["raft/src/raft/log.rs".into(), "raft/src/raft.rs".into()]));
        let files = selected(&["kvraft/src/client(1).rs", "kvraft/src/server.rs"]);
        assert_eq!(files.map(|files| files.len()), Ok(2));
        assert_eq!(
            selected(&["src/raft.rs", "src/raft(1).rs"]),
            Err("it contains src/raft.rs and src/raft(1).rs: leave the one that counts".into())
        );
        assert_eq!(
            selected(&["raft(1).rs", "raft(2).rs"]),
            Err("it contains two files named raft.rs: raft(1).rs and raft(2).rs".into())
        );
    }

    #[test]
    fn archives_are_not_passed_over() {
        let names = "raft.rs, server.rs, client.rs or replica.rs";
        assert_eq!(
            selected(&["hw/lab2.ZIP"]),
            Err(format!(
                "it contains no file named {names}, but the archive hw/lab2.ZIP: hand in what is in it"
            ))
        );
    }

    #[test]
    fn it_says_which_files_count() {
        let mut sources = Sources::default();
        let paths = [
            "hw/raft/src/raft.rs",
            "hw/raft/src/raft/log.rs",
            "hw/labrpc/src/lib.rs",
            "hw/raft/src/lib.rs",
            "old/raft.rs",
            "old/raft(1).rs",
        ];
        for path in paths {
            sources.add(PathBuf::from(path), b"x".as_slice()).expect("it is small");
        }
        let origin = select(&sources).expect("it has a raft.rs").origin;
        let pair = |(one, other): (&str, &str)| (one.to_owned(), other.to_owned());
        let taken = [
            ("hw/raft/src/raft/log.rs", "raft/src/raft/log.rs"),
            ("hw/raft/src/raft.rs", "raft/src/raft.rs"),
        ];
        assert_eq!(origin.taken, taken.map(pair));
        let left = [
            ("hw/labrpc/src/lib.rs", "in a crate that is given"),
            ("hw/raft/src/lib.rs", "not a file that you write, nor a module of one"),
            ("old/raft(1).rs", "a copy"),
            ("old/raft.rs", "another file of its name is in its place"),
        ]
        .map(pair);
        assert_eq!(origin.left, left);
    }

    #[test]
    fn many_files_are_counted() {
        let mut sources = Sources::default();
        sources.add(PathBuf::from("raft.rs"), b"x".as_slice()).expect("it is small");
        for number in 0..500 {
            for path in [format!("raft/{number}.rs"), format!("other/{number}.rs")] {
                sources.add(PathBuf::from(path), b"x".as_slice()).expect("it is small");
            }
        }
        let origin = select(&sources).expect("it has a raft.rs").origin;
        assert!(origin.is_bounded());
        assert_eq!((origin.taken.len(), origin.more_taken), (20, 481));
        assert_eq!((origin.left.len(), origin.more_left), (20, 480));
    }

    #[test]
    fn a_program_is_the_same_on_every_system() {
        let hash = |text: &str| {
            let mut sources = Sources::default();
            sources.add(PathBuf::from("raft.rs"), text.as_bytes()).expect("it is small");
            select(&sources).expect("it has a raft.rs").files.hash()
        };
        assert_eq!(hash("\u{feff}a\r\nb\r\n"), hash("a\nb\n"));
        assert_ne!(hash("a\rb"), hash("a\nb"));
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
            selected(&[]),
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
