//! Which files of a submission count, and which do not.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::student_files::StudentFiles;

/// The most files that are listed, of those that count and of the others.
const LISTED: usize = 20;

/// The files that count, and where in the submission they were.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Selected {
    pub(crate) files: StudentFiles,
    pub(crate) origin: Origin,
}

/// Where the files that count were in a submission, and which other source files it has. Paths are as the student
/// wrote them: foreign.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// The first files that count: the path in the submission, and the one in the workspace.
    pub(crate) taken: Vec<(String, String)>,
    /// How many more count.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) more_taken: u64,
    /// The first source files that do not count, each with the reason in a few words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) left: Vec<(String, String)>,
    /// How many more do not count.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) more_left: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Origin {
    /// Notes a file that counts.
    pub(super) fn take(&mut self, path: &Path, target: &Path) {
        add(&mut self.taken, &mut self.more_taken, path, &target.display().to_string());
    }

    /// Notes a source file that does not count.
    pub(super) fn leave(&mut self, path: &Path, reason: &str) {
        add(&mut self.left, &mut self.more_left, path, reason);
    }

    /// Whether there are no files.
    pub(crate) fn is_empty(&self) -> bool {
        self.taken.is_empty() && self.left.is_empty()
    }

    /// Whether it is as short as this type makes it.
    pub(super) fn is_bounded(&self) -> bool {
        self.taken.len() <= LISTED && self.left.len() <= LISTED
    }
}

fn add(list: &mut Vec<(String, String)>, more: &mut u64, path: &Path, text: &str) {
    if list.len() < LISTED {
        list.push((path.display().to_string(), text.to_owned()));
    } else {
        *more += 1;
    }
}
