//! The instructor's tree: this repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

/// A lab, as far as students write it.
pub(crate) struct Lab {
    /// What the names of its stages begin with, such as the 2 of 2A.
    pub(crate) number: char,
    /// The crate that its files are in, which is also the crate's folder.
    pub(crate) package: &'static str,
    /// What students write, as paths within the tree. Beside each file a folder of the same name may hold
    /// modules.
    pub(crate) files: &'static [&'static str],
}

impl Lab {
    /// Whether this stage belongs to it.
    pub(crate) fn has(&self, stage: &str) -> bool {
        stage.starts_with(self.number)
    }
}

/// All labs.
pub(crate) const LABS: &[Lab] = &[
    Lab { number: '2', package: "raft", files: &["raft/src/raft.rs"] },
    Lab {
        number: '3',
        package: "kvraft",
        files: &["kvraft/src/server.rs", "kvraft/src/client.rs"],
    },
    Lab {
        number: '4',
        package: "shardkv",
        files: &[
            "shardkv/src/replica.rs",
            "shardkv/src/ctrler/server.rs",
            "shardkv/src/ctrler/client.rs",
            "shardkv/src/server.rs",
            "shardkv/src/client.rs",
        ],
    },
];

/// What students write, in all labs.
pub(crate) fn student_files() -> impl Iterator<Item = &'static str> {
    LABS.iter().flat_map(|lab| lab.files).copied()
}

/// Whether a file is one that students write, or a module beside one.
pub(crate) fn is_students(path: &Path) -> bool {
    student_files()
        .map(Path::new)
        .any(|file| path == file || path.starts_with(file.with_extension("")))
}

/// What no student gets: what grades them, and the tests of the tools, which need a solution.
const NOT_FOR_STUDENTS: &[&str] = &[
    ".ci/",
    ".dockerignore",
    ".github/",
    "grading/",
    "raft/tests/",
    "tests/isolation/tests/",
    "tests/recording/examples/",
    "tests/recording/tests/",
    "tests/runner/tests/",
    "tests/sim/tests/",
    "tests/submission/benches/",
    "tests/submission/tests/",
];

/// What a grader elsewhere does not need, and might give a solution away.
const NOT_FOR_GRADERS: &[&str] = &[
    ".ci/",
    ".github/",
    "grading/attacks/",
    "grading/bugs/",
    "grading/honest/",
    "grading/honest_services/",
];

/// The root of the tree that this program was built from.
pub(crate) fn root() -> PathBuf {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder.parent().unwrap_or(crate_folder).to_owned()
}

/// The files that students get, as sorted paths within the tree.
///
/// # Errors
///
/// If the tree cannot be read.
pub(crate) fn files_for_students(root: &Path) -> Result<Vec<PathBuf>, String> {
    files_without(root, NOT_FOR_STUDENTS)
}

/// The files that grading elsewhere needs, as sorted paths within the tree.
///
/// # Errors
///
/// If the tree cannot be read.
pub(crate) fn files_for_graders(root: &Path) -> Result<Vec<PathBuf>, String> {
    files_without(root, NOT_FOR_GRADERS)
}

/// The students' files of the reference solution, and the modules beside them, by path.
///
/// # Errors
///
/// If the tree cannot be read.
pub(crate) fn solution(root: &Path) -> Result<BTreeMap<PathBuf, String>, String> {
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(root.join(&path))
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        Ok((path, text))
    };
    let files = files_for_students(root)?;
    files.into_iter().filter(|path| is_students(path)).map(read).collect()
}

fn files_without(root: &Path, folders: &[&str]) -> Result<Vec<PathBuf>, String> {
    let mut files = if root.join(".git").exists() { tracked(root)? } else { walked(root)? };
    let is_theirs = |path: &PathBuf| {
        let text = path.to_string_lossy();
        !folders.iter().any(|folder| text.starts_with(folder)) && root.join(path).is_file()
    };
    files.retain(is_theirs);
    files.sort();
    Ok(files)
}

/// The Rust files that git does not know and does not ignore, and which therefore are in no handout.
///
/// # Errors
///
/// If git does not answer.
pub(crate) fn unknown_to_git(root: &Path) -> Result<Vec<String>, String> {
    if !root.join(".git").exists() {
        return Ok(Vec::new());
    }
    let files = listed(root, &["--others", "--exclude-standard", "*.rs"])?;
    Ok(files.iter().map(|path| path.display().to_string()).collect())
}

/// What git knows of: anything else may be a build's output, or private.
fn tracked(root: &Path) -> Result<Vec<PathBuf>, String> {
    listed(root, &[])
}

fn listed(root: &Path, arguments: &[&str]) -> Result<Vec<PathBuf>, String> {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).args(["ls-files", "-z"]).args(arguments);
    let output = command.output();
    let output = output.map_err(|error| format!("git does not start: {error}"))?;
    if !output.status.success() {
        let problem = String::from_utf8_lossy(&output.stderr);
        return Err(format!(
            "git does not list the files of {}: {}",
            root.display(),
            problem.trim()
        ));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from).collect())
}

fn walked(root: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    let walk = walkdir::WalkDir::new(root).into_iter();
    for entry in walk.filter_entry(|entry| entry.file_name() != "target") {
        let entry = entry.map_err(|error| format!("the tree cannot be read: {error}"))?;
        if entry.file_type().is_file()
            && let Ok(path) = entry.path().strip_prefix(root)
        {
            files.push(path.to_owned());
        }
    }
    Ok(files)
}

/// What identifies a set of files: their names and contents.
pub(crate) fn hash_files<'a>(files: impl IntoIterator<Item = (&'a Path, &'a [u8])>) -> String {
    let mut hash = Sha256::new();
    for (path, content) in files {
        let name = path.to_string_lossy();
        for part in [name.as_bytes(), content] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    hex(&hash.finalize())
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::unknown_to_git;

    #[test]
    fn files_that_git_does_not_know_are_found() {
        let folder = tempfile::tempdir().expect("the disk is writable");
        let write = |name: &str| {
            std::fs::write(folder.path().join(name), "").expect("the disk is writable");
        };
        write("new.rs");
        assert_eq!(unknown_to_git(folder.path()), Ok(Vec::new()), "there is no git");
        let git = |arguments: &[&str]| {
            let status = Command::new("git").arg("-C").arg(folder.path()).args(arguments).status();
            assert!(status.expect("git starts").success());
        };
        git(&["init", "--quiet"]);
        ["known.rs", "notes.txt"].iter().for_each(|name| write(name));
        git(&["add", "known.rs"]);
        assert_eq!(unknown_to_git(folder.path()), Ok(vec!["new.rs".to_owned()]));
    }
}
