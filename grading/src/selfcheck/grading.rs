//! Grading a folder for a check, and looking at what that leaves behind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use records::{Class, Clock};
use walkdir::{DirEntry, WalkDir};

use crate::files::write_file;
use crate::grade::{Plan, grade};
use crate::report::{self, Seeds};
use crate::results::{Results, StudentResult};
use crate::runlog::{Entry, RunLog};
use crate::sandbox::Isolation;
use crate::submission::Submission;
use crate::tree;

/// The processor time of a run. No attack uses more than that, however long it would go on.
const PER_RUN: Duration = Duration::from_secs(4);

/// How much to check, and in which sandbox.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    /// How many times each test runs.
    pub(crate) runs: u64,
    /// How many submissions are graded at once.
    pub(crate) jobs: usize,
    /// The isolation to use; the strongest available if `None`.
    pub(crate) sandbox: Option<Isolation>,
}

/// Grades a folder, writes all reports, and returns the results by student.
pub(super) fn grade_folder(
    extent: Extent,
    submissions: &Path,
    results: &Path,
    stages: &[&str],
) -> Result<BTreeMap<String, StudentResult>, String> {
    let graded = grade(&Plan {
        submissions: Submission::list(submissions)?,
        results: results.to_owned(),
        stages: stages.iter().map(|stage| (*stage).to_owned()).collect(),
        rubric: tree::root().join("grading/rubric.toml"),
        clock: Clock::Sim,
        runs: extent.runs,
        per_run: PER_RUN,
        jobs: extent.jobs,
        sandbox: extent.sandbox,
        secret: None,
        live: None,
    })?;
    if !graded.complete {
        return Err("interrupted".to_owned());
    }
    let entries = RunLog::read(results)?;
    let all: Results = report::write_all(results, &entries, &graded.items, Seeds::Secret)?;
    Ok(all
        .students
        .into_iter()
        .map(|student| (student.student.raw().to_owned(), student))
        .collect())
}

/// Writes a file, and creates the folders above it.
pub(super) fn put(path: &Path, content: &[u8]) -> Result<(), String> {
    write_file(path, content)
}

/// All text that a grading has left behind, except what was handed in.
pub(super) fn all_text(folder: &Path) -> String {
    let files = WalkDir::new(folder).into_iter().filter_map(Result::ok);
    let own = files
        .filter(|entry| entry.file_type().is_file())
        .map(DirEntry::into_path)
        .filter(|path| !path.starts_with(folder.join("submissions")));
    let text = |path: PathBuf| {
        String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
    };
    own.map(text).collect()
}

/// The classes of all runs of a student in a log.
pub(super) fn classes(results: &Path, student: &str) -> Result<Vec<Class>, String> {
    let entries = RunLog::read(results)?;
    let of = |entry: &Entry| match entry {
        Entry::Run(run) if run.student == student => Some(run.record.class),
        _ => None,
    };
    Ok(entries.iter().filter_map(of).collect())
}
