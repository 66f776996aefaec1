//! One submission.

use std::path::{Path, PathBuf};

use super::download::{Download, Part};
use super::error::ReadError;
use super::selected::Selected;
use super::{label, name, process};
use crate::sandbox::Sandbox;

/// What a student has handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Submission {
    /// What the results call the student; usable as the name of a folder.
    pub(crate) student: String,
    /// What the file or folder is called, or the first of several; clean, and in one line. Members of a group share it.
    pub(crate) handed_in: String,
    /// The files or folders; at least one.
    pub(super) parts: Vec<Part>,
    /// Why it cannot be graded, whatever is in it, in a sentence for the student.
    pub(super) problem: Option<String>,
}

impl Submission {
    /// The submission at a path; `None` for a hidden file, and for what is known to be none.
    pub(crate) fn at(path: &Path) -> Option<Submission> {
        let download = Download::at(path)?;
        let file_name = path.file_name().unwrap_or_default();
        let (student, problem) = name::of_student(file_name.as_encoded_bytes());
        let handed_in = download.show();
        Some(Submission { student, handed_in, parts: download.parts, problem })
    }

    /// The submission of this student, whatever its file or folder is called. The name must be usable for
    /// a folder.
    pub(crate) fn named(student: &str, path: PathBuf) -> Submission {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Submission::of(student, vec![Part { path, name }], "submission".to_owned())
    }

    /// What this student has handed in. The name must be usable for a folder.
    pub(super) fn of(student: &str, parts: Vec<Part>, handed_in: String) -> Submission {
        Submission { student: student.to_owned(), handed_in, parts, problem: None }
    }

    /// Notes that the student has handed in something else as well, so that neither counts.
    pub(super) fn refuse_both(&mut self, other: &Submission) {
        let [one, other] = [&self.handed_in, &other.handed_in];
        let sentence = format!("both {one} and {other} were handed in: leave the one that counts");
        self.problem.get_or_insert(sentence);
    }

    /// Whether the course system says in its name that it came late.
    pub(crate) fn is_late(&self) -> bool {
        let names = self.parts.iter().filter_map(|part| part.path.file_name()?.to_str());
        names.into_iter().any(label::is_late)
    }

    /// Reads the students' files from what was handed in, in a process of its own.
    ///
    /// # Errors
    ///
    /// Why there are no files.
    pub(crate) fn read_files(&self, sandbox: &Sandbox) -> Result<Selected, ReadError> {
        match &self.problem {
            Some(problem) => Err(ReadError::Refused(problem.clone())),
            None => process::read(&self.parts, sandbox),
        }
    }
}
