//! Which submissions there are.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::{name, path};

/// What course systems put beside the submissions.
const NOT_SUBMISSIONS: &[&str] = &["submission_metadata.yml"];

/// What a student has handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Submission {
    /// The student: the name of the file or folder, without its extension.
    pub(crate) student: String,
    /// The file or folder; one of them if there are several.
    pub(crate) path: PathBuf,
    /// Why it cannot be graded, whatever is in it, in a sentence for the student.
    pub(super) problem: Option<String>,
}

impl Submission {
    /// All submissions in a folder, sorted by student. One that cannot be graded says so when it is read.
    ///
    /// # Errors
    ///
    /// If there are none, or if the folder cannot be read.
    pub(crate) fn list(folder: &Path) -> Result<Vec<Submission>, String> {
        let show = path::show(folder.as_os_str().as_bytes());
        let entries = std::fs::read_dir(folder)
            .map_err(|error| format!("cannot read the submissions in {show}: {error}"))?;
        let mut paths = Vec::new();
        for entry in entries {
            paths.push(entry.map_err(|error| format!("cannot read {show}: {error}"))?.path());
        }
        paths.sort();
        let mut by_student: BTreeMap<String, Submission> = BTreeMap::new();
        for submission in paths.iter().filter_map(|path| Submission::at(path)) {
            match by_student.get_mut(&submission.student) {
                Some(first) => first.add(&submission),
                None => drop(by_student.insert(submission.student.clone(), submission)),
            }
        }
        if by_student.is_empty() {
            return Err(format!("{show} is empty: it should contain a file or folder per student"));
        }
        Ok(by_student.into_values().collect())
    }

    /// The submission at a path; `None` for a hidden file, and for what is known to be none.
    pub(crate) fn at(path: &Path) -> Option<Submission> {
        let file_name = path.file_name().unwrap_or_default();
        let is_hidden = file_name.as_bytes().starts_with(b".") && file_name.len() > 1;
        if is_hidden || NOT_SUBMISSIONS.iter().any(|name| file_name == *name) {
            return None;
        }
        let (student, problem) = name::of_student(file_name.as_bytes());
        Some(Submission { student, path: path.to_owned(), problem })
    }

    /// The submission of this student, whatever its file or folder is called. The name must be usable for
    /// a folder.
    pub(crate) fn named(student: &str, path: PathBuf) -> Submission {
        Submission { student: student.to_owned(), path, problem: None }
    }

    /// Notes that the student has handed in something else as well. Which one counts is not for the grader
    /// to say, so none does.
    fn add(&mut self, other: &Submission) {
        let [one, other] = [&self.path, &other.path]
            .map(|path| path::show(path.file_name().unwrap_or_default().as_bytes()));
        let sentence = format!("both {one} and {other} were handed in: leave the one that counts");
        self.problem.get_or_insert(sentence);
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::Submission;

    fn listed(names: &[&[u8]]) -> Vec<(String, String)> {
        let folder = tempfile::tempdir().expect("the disk is writable");
        for name in names {
            let path = folder.path().join(OsStr::from_bytes(name));
            std::fs::write(path, "").expect("the disk is writable");
        }
        let found = Submission::list(folder.path()).expect("there are submissions");
        let problem = |submission: &Submission| submission.problem.clone().unwrap_or_default();
        found.iter().map(|submission| (submission.student.clone(), problem(submission))).collect()
    }

    #[test]
    fn a_bad_name_is_the_problem_of_one_student() {
        let found = listed(&[b"alice.rs", b"b\xff.rs", b"c\nd.rs", b"\x1b[2J.rs", b"zoe.zip"]);
        assert_eq!(found.len(), 5, "{found:?}");
        for (student, problem) in found {
            let is_good = matches!(student.as_str(), "alice" | "zoe");
            assert_eq!(problem.is_empty(), is_good, "{student}: {problem}");
            assert!(!student.contains(char::is_control), "{student:?}");
        }
    }

    #[test]
    fn two_inputs_are_the_problem_of_one_student() {
        let found = listed(&[b"alice.rs", b"alice.tgz", b"alice.zip", b"bob.rs"]);
        let problem = "both alice.rs and alice.tgz were handed in: leave the one that counts";
        let expected = [("alice", problem), ("bob", "")];
        assert_eq!(found, expected.map(|(name, problem)| (name.to_owned(), problem.to_owned())));
    }

    #[test]
    fn what_course_systems_add_is_no_submission() {
        let found = listed(&[b"submission_metadata.yml", b".DS_Store", b"submission_17.zip"]);
        assert_eq!(found, [("submission_17".to_owned(), String::new())]);
    }
}
