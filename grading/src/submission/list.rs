//! Which submissions there are.

use std::path::{Path, PathBuf};

/// The file name endings that are not part of a student's name.
const ENDINGS: &[&str] = &[".tar.gz", ".tgz", ".zip", ".rs", ".git"];

/// A file or folder that a student has handed in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Submission {
    /// The student: the name of the file or folder, without its extension.
    pub(crate) student: String,
    pub(crate) path: PathBuf,
}

impl Submission {
    /// All submissions in a folder, sorted by student.
    ///
    /// # Errors
    ///
    /// If there are none, if a student has several, or if the folder cannot be read.
    pub(crate) fn list(folder: &Path) -> Result<Vec<Submission>, String> {
        let show = folder.display();
        let entries = std::fs::read_dir(folder)
            .map_err(|error| format!("cannot read the submissions in {show}: {error}"))?;
        let mut submissions = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| format!("cannot read {show}: {error}"))?;
            submissions.extend(Submission::at(&entry.path())?);
        }
        submissions.sort();
        if submissions.is_empty() {
            return Err(format!("{show} is empty: it should contain a file or folder per student"));
        }
        submissions.windows(2).try_for_each(|pair| check_distinct(&pair[0], &pair[1]))?;
        Ok(submissions)
    }

    /// The submission at a path; `None` for a hidden file.
    ///
    /// # Errors
    ///
    /// If its name cannot be used for the reports' files.
    pub(crate) fn at(path: &Path) -> Result<Option<Submission>, String> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') && name.len() > 1 {
            return Ok(None);
        }
        let stem = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name);
        if let Some(problem) = problem_with_name(stem) {
            let show = path.display();
            return Err(format!("{show} cannot be a student's name ({problem}): rename the file"));
        }
        Ok(Some(Submission { student: stem.to_owned(), path: path.to_owned() }))
    }
}

fn check_distinct(one: &Submission, other: &Submission) -> Result<(), String> {
    if one.student != other.student {
        return Ok(());
    }
    let (student, one, other) = (&one.student, one.path.display(), other.path.display());
    Err(format!("{one} and {other} both belong to {student}: remove one of them"))
}

fn problem_with_name(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("it is empty")
    } else if name.contains(['\n', '\r']) {
        Some("it contains a line break")
    } else if name.chars().any(char::is_control) {
        Some("it contains a control character")
    } else if name.contains('\u{fffd}') {
        Some("it is not valid UTF-8")
    } else {
        None
    }
}
