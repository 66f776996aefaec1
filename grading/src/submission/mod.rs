//! What students have handed in.

mod archive;
mod folder;
mod git;

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use crate::sandbox::Sandbox;
use crate::tree;

/// The largest file of a student, in bytes.
const FILE_LIMIT: u64 = 1 << 20;

/// The largest single file or archive that is opened at all, in bytes.
const ARCHIVE_LIMIT: u64 = 32 << 20;

/// The most entries of an archive or folder that are looked at.
const ENTRY_LIMIT: usize = 20_000;

/// Something in the folder of submissions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Submission {
    /// Whose it is: the name of the file or folder, without its extension.
    pub(crate) student: String,
    pub(crate) path: PathBuf,
}

/// The files that count, by their path in the workspace.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Taken {
    pub(crate) files: BTreeMap<PathBuf, Vec<u8>>,
}

/// What files of students are called.
const NAMES: &str = "raft.rs, server.rs, client.rs or replica.rs";

/// The Rust files of a submission, by their path in it.
type Sources = BTreeMap<PathBuf, Vec<u8>>;

impl Submission {
    /// All submissions in a folder, by student.
    ///
    /// # Errors
    ///
    /// If there are none, if two are of the same student, or if the folder cannot be read.
    pub(crate) fn list(folder: &Path) -> Result<Vec<Submission>, String> {
        let show = folder.display();
        let entries = std::fs::read_dir(folder)
            .map_err(|error| format!("cannot read the submissions in {show}: {error}"))?;
        let mut submissions = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| format!("cannot read {show}: {error}"))?;
            submissions.extend(Submission::of(&entry.path())?);
        }
        submissions.sort();
        if submissions.is_empty() {
            return Err(format!("{show} is empty: it should hold a file or folder per student"));
        }
        for pair in submissions.windows(2) {
            if pair[0].student == pair[1].student {
                return Err(format!(
                    "{} and {} are both of {}: leave one",
                    pair[0].path.display(),
                    pair[1].path.display(),
                    pair[0].student
                ));
            }
        }
        Ok(submissions)
    }

    /// One submission; `None` for a hidden file, which is nobody's.
    ///
    /// # Errors
    ///
    /// If its name cannot be the name of files in reports.
    pub(crate) fn of(path: &Path) -> Result<Option<Submission>, String> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') && name.len() > 1 {
            return Ok(None);
        }
        let endings = [".tar.gz", ".tgz", ".zip", ".rs", ".git"];
        let stem = endings.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name);
        if stem.is_empty() || stem.chars().any(|letter| letter.is_control() || letter == '\u{fffd}')
        {
            return Err(format!("{} is no name for a student: rename it", path.display()));
        }
        Ok(Some(Submission { student: stem.to_owned(), path: path.to_owned() }))
    }

    /// Takes the students' files out of whatever was handed in.
    ///
    /// # Errors
    ///
    /// What is wrong with the submission, in a sentence for the student.
    pub(crate) fn take(&self, sandbox: &Sandbox) -> Result<Taken, String> {
        let metadata = std::fs::symlink_metadata(&self.path)
            .map_err(|error| format!("it cannot be read: {error}"))?;
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        if metadata.is_symlink() {
            return Err("it is a link: hand in the files themselves".to_owned());
        }
        if metadata.is_file() && metadata.len() > ARCHIVE_LIMIT {
            let (size, limit) = (metadata.len() >> 20, ARCHIVE_LIMIT >> 20);
            return Err(format!(
                "it is {size} MiB large, and {limit} MiB is the most that is read"
            ));
        }
        let sources = if git::is_repository(&self.path) {
            git::sources(&self.path, sandbox)?
        } else if metadata.is_dir() {
            folder::sources(&self.path)?
        } else if name.ends_with(".zip") {
            archive::from_zip(&self.path)?
        } else if name.ends_with(".tar.gz") || name.ends_with(".tgz") {
            archive::from_tar(&self.path)?
        } else if name.ends_with(".rs") {
            let file = std::fs::File::open(&self.path);
            let file = file.map_err(|error| format!("it cannot be read: {error}"))?;
            let own = Path::new(tree::LABS[0].files[0]).file_name().unwrap_or_default();
            Sources::from([(PathBuf::from(own), read_limited(file, &self.path)?)])
        } else {
            return Err("it is none of these: a .rs file, a folder, a .zip or .tar.gz, a git \
                        repository"
                .to_owned());
        };
        choose(sources)
    }
}

impl Taken {
    /// What identifies the files.
    pub(crate) fn hash(&self) -> String {
        tree::hash_files(
            self.files.iter().map(|(path, content)| (path.as_path(), content.as_slice())),
        )
    }

    /// The files as texts.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&Path, &str)> {
        let text = |content| std::str::from_utf8(content).expect("only texts are taken");
        self.files.iter().map(move |(path, content)| (path.as_path(), text(content)))
    }
}

/// Finds the students' files among all others, and the modules beside them. Labs that are not there at
/// all keep their stubs.
fn choose(sources: Sources) -> Result<Taken, String> {
    let mut files = BTreeMap::new();
    for lab in tree::LABS {
        let wanted: Vec<&Path> = lab.files.iter().map(Path::new).collect();
        let found: Vec<Option<&Path>> =
            wanted.iter().map(|wanted| find(&sources, wanted)).collect::<Result<_, _>>()?;
        let Some(present) = found.iter().position(Option::is_some) else {
            continue;
        };
        for (file, main) in wanted.iter().zip(&found) {
            let main = main.ok_or_else(|| {
                let (missing, other) = (file.display(), wanted[present].display());
                format!("there is {other} in it, but no {missing}")
            })?;
            take(&sources, main, file, &mut files)?;
        }
    }
    if files.is_empty() {
        return Err(format!("there is no file named {NAMES} in it"));
    }
    Ok(Taken { files })
}

fn file_name(path: &impl AsRef<Path>) -> String {
    path.as_ref().file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The file that is where it belongs. A file elsewhere counts if it is the only one of its name that is not
/// in a place of another, and the name is that of no earlier file of students.
fn find<'a>(sources: &'a Sources, wanted: &Path) -> Result<Option<&'a Path>, String> {
    let same_name = |path: &Path| path.file_name() == wanted.file_name();
    let namesakes = || tree::student_files().map(Path::new).filter(|file| same_name(file));
    let is_place_of_another = |path: &PathBuf| {
        namesakes().filter(|file| *file != wanted).any(|file| is_at(path, file))
            && !is_at(path, wanted)
    };
    let mut found: Vec<&PathBuf> =
        sources.keys().filter(|path| same_name(path) && !is_place_of_another(path)).collect();
    let is_first = namesakes().next() == Some(wanted);
    if !is_first || found.len() > 1 && found.iter().any(|path| is_at(path, wanted)) {
        found.retain(|path| is_at(path, wanted));
    }
    match found.as_slice() {
        [] => Ok(None),
        [main] => Ok(Some(main)),
        [first, second, ..] => Err(format!(
            "there are two files named {}: {} and {}",
            file_name(&wanted),
            first.display(),
            second.display()
        )),
    }
}

/// Whether a path ends as the file's path in the workspace does; `src` may be left out.
fn is_at(path: &Path, file: &Path) -> bool {
    let without_src: PathBuf = file.iter().filter(|part| *part != "src").collect();
    path.ends_with(file) || path.ends_with(without_src)
}

/// Takes a file and the modules in the folder of its name beside it.
fn take(
    sources: &Sources,
    main: &Path,
    wanted: &Path,
    files: &mut BTreeMap<PathBuf, Vec<u8>>,
) -> Result<(), String> {
    let modules = main.with_extension("");
    for (path, content) in sources {
        let target = match path.strip_prefix(&modules) {
            Ok(rest) => wanted.with_extension("").join(rest),
            Err(_) if path == main => wanted.to_owned(),
            Err(_) => continue,
        };
        if std::str::from_utf8(content).is_err() {
            return Err(format!("{} is not UTF-8 text", path.display()));
        }
        files.insert(target, content.clone());
    }
    Ok(())
}

/// Reads a file that must not be large.
fn read_limited(reader: impl std::io::Read, path: &Path) -> Result<Vec<u8>, String> {
    use std::io::Read;
    let mut content = Vec::new();
    reader
        .take(FILE_LIMIT + 1)
        .read_to_end(&mut content)
        .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    if content.len() as u64 > FILE_LIMIT {
        let limit = FILE_LIMIT >> 20;
        return Err(format!("{} is larger than {limit} MiB, for a source file", path.display()));
    }
    Ok(content)
}

fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

/// A path as an archive names it, which must stay inside.
fn inner_path(path: &Path) -> Result<PathBuf, String> {
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

fn too_many() -> String {
    format!("it has more than {ENTRY_LIMIT} files")
}

fn is_a_link(path: &Path) -> String {
    format!("{} is a link: hand in the file itself", path.display())
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{Sources, choose, inner_path};

    fn chosen(paths: &[&str]) -> Result<Vec<String>, String> {
        let sources: Sources =
            paths.iter().map(|path| (PathBuf::from(path), b"x".to_vec())).collect();
        let taken = choose(sources)?;
        Ok(taken.files.keys().map(|path| path.display().to_string()).collect())
    }

    #[test]
    fn only_the_named_file_and_its_modules_are_taken() {
        let files = chosen(&["lab/raft/src/raft.rs", "lab/raft/src/raft/log.rs", "lab/build.rs"]);
        assert_eq!(files, Ok(vec!["raft/src/raft/log.rs".into(), "raft/src/raft.rs".into()]));
    }

    #[test]
    fn the_file_in_its_place_comes_before_others_of_its_name() {
        let files = chosen(&["old/raft.rs", "raft/src/raft.rs"]);
        assert_eq!(files, Ok(vec!["raft/src/raft.rs".into()]));
    }

    #[test]
    fn two_files_of_the_name_are_one_too_many() {
        let problem = chosen(&["a/raft.rs", "b/raft.rs"]);
        assert_eq!(
            problem,
            Err("there are two files named raft.rs: a/raft.rs and b/raft.rs".into())
        );
    }

    #[test]
    fn labs_that_are_not_there_keep_their_stubs() {
        assert_eq!(chosen(&["raft.rs"]), Ok(vec!["raft/src/raft.rs".into()]));
        let files = chosen(&["server.rs", "client.rs", "client/cache.rs"]);
        let expected =
            ["client/cache.rs", "client.rs", "server.rs"].map(|file| format!("kvraft/src/{file}"));
        assert_eq!(files, Ok(expected.to_vec()));
        assert_eq!(
            chosen(&["kvraft/src/server.rs", "raft.rs"]),
            Err("there is kvraft/src/server.rs in it, but no kvraft/src/client.rs".into())
        );
        assert_eq!(
            chosen(&["main.rs"]),
            Err("there is no file named raft.rs, server.rs, client.rs or replica.rs in it".into())
        );
    }

    #[test]
    fn files_of_the_same_name_are_told_apart_by_their_place() {
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
        assert_eq!(chosen(&places), Ok(all.clone()));
        let short: Vec<String> = places.iter().map(|place| place.replace("src/", "")).collect();
        let short: Vec<&str> = short.iter().map(String::as_str).collect();
        assert_eq!(chosen(&short), Ok(all));
        let lab_4 = chosen(&places[3..]);
        assert_eq!(lab_4.map(|files| files.len()), Ok(5));
    }

    #[test]
    fn no_path_leads_out() {
        assert_eq!(inner_path(Path::new("./a/b.rs")), Ok(PathBuf::from("a/b.rs")));
        assert!(inner_path(Path::new("a/../../b.rs")).is_err());
        assert!(inner_path(Path::new("/etc/passwd")).is_err());
    }
}
