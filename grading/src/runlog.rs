//! The log of a grading, from which all results and reports are made. Lines are appended and never changed.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use records::{Class, Clock, Record, TestInfo};
use serde::{Deserialize, Serialize};

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Entry {
    /// The first line: what is graded, and how.
    Grading(Grading),
    /// Whether a submission could be read and compiled.
    Build(Build),
    /// One run of one test.
    Run(Box<Run>),
}

/// What is graded, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Grading {
    pub(crate) version: u32,
    pub(crate) stages: Vec<String>,
    pub(crate) tests: Vec<TestInfo>,
    pub(crate) clock: Clock,
    /// How many times each test runs.
    pub(crate) runs: u64,
    /// Identifies the secret that the seeds are derived from.
    pub(crate) seeds: String,
    /// Identifies everything that submissions are compiled with.
    pub(crate) harness: String,
    /// Identifies the rubric.
    pub(crate) rubric: String,
}

/// Whether a submission could be read and compiled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Build {
    pub(crate) student: String,
    /// Identifies the submission's files; empty if they could not be read.
    pub(crate) submission: String,
    pub(crate) outcome: Outcome,
    /// What is wrong, for the student.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) message: String,
    pub(crate) wall_seconds: f64,
}

/// Whether a submission can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It compiles.
    Built,
    /// The students' files cannot be read from what was handed in.
    Unreadable,
    /// It does not compile.
    BuildError,
    /// The grader is at fault, and will try again.
    Fault,
}

impl Outcome {
    /// A description for reports.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Outcome::Built => "compiles",
            Outcome::Unreadable => "cannot be read",
            Outcome::BuildError => "does not compile",
            Outcome::Fault => "could not be graded: the grader was at fault",
        }
    }
}

/// One run of one test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) student: String,
    pub(crate) submission: String,
    /// The number of the run of this test, from 0.
    pub(crate) index: u64,
    /// What isolated the submission from the machine.
    pub(crate) isolation: String,
    /// Whether the harness failed each time that the run was made again, with the same seed and alone on the
    /// machine. Then the run counts, as one that has failed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) came_again: bool,
    #[serde(flatten)]
    pub(crate) record: Record,
}

impl Run {
    /// Whether the run says anything about the submission.
    pub(crate) fn counts(&self) -> bool {
        self.came_again || counts(self.record.class)
    }
}

fn is_false(value: &bool) -> bool {
    !*value
}

/// Whether a run that ended this way says anything about the submission.
pub(crate) fn counts(class: Class) -> bool {
    !matches!(class, Class::Fault | Class::Interrupted)
}

/// The log of a grading.
pub(crate) struct RunLog {
    file: File,
    path: PathBuf,
}

impl RunLog {
    /// Opens the log in a folder for appending, and returns its entries. An incomplete last line is removed,
    /// and its run will be made again.
    ///
    /// # Errors
    ///
    /// If the log cannot be read or written, or if a line of it is invalid.
    pub(crate) fn open(folder: &Path) -> Result<(Self, Vec<Entry>), String> {
        let path = folder.join("runs.jsonl");
        let fail = |error| format!("cannot write to {}: {error}", path.display());
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(fail)?;
        let mut text = String::new();
        file.read_to_string(&mut text)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let lines = whole_lines(&text);
        if lines.len() < text.len() {
            file.set_len(lines.len() as u64).map_err(fail)?;
        }
        file.seek(SeekFrom::End(0)).map_err(fail)?;
        let entries = parse(lines, &path)?;
        Ok((RunLog { file, path }, entries))
    }

    /// Reads the log in a folder without changing it.
    ///
    /// # Errors
    ///
    /// If the log cannot be read, or if a line of it is invalid.
    pub(crate) fn read(folder: &Path) -> Result<Vec<Entry>, String> {
        let path = folder.join("runs.jsonl");
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        parse(whole_lines(&text), &path)
    }

    /// Appends a line.
    ///
    /// # Errors
    ///
    /// If the line cannot be written, for example because the disk is full. A partly written line is removed.
    pub(crate) fn append(&mut self, entry: &Entry) -> Result<(), String> {
        let line = serde_json::to_string(entry).map_err(|error| error.to_string())? + "\n";
        let end = self.file.stream_position();
        self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data()).map_err(|error| {
            if let Ok(end) = end {
                // If this fails too, the next reader removes the incomplete line.
                let _ = self.file.set_len(end);
            }
            format!("cannot write to {}: {error}", self.path.display())
        })
    }
}

/// A text without an incomplete last line.
fn whole_lines(text: &str) -> &str {
    &text[..text.rfind('\n').map_or(0, |end| end + 1)]
}

fn parse(text: &str, path: &Path) -> Result<Vec<Entry>, String> {
    let parse = |(number, line): (usize, &str)| {
        serde_json::from_str(line)
            .map_err(|error| format!("{}:{number}: invalid entry: {error}", path.display()))
    };
    (1..).zip(text.lines()).map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::{Build, Entry, Outcome, RunLog};

    fn entry(student: &str) -> Entry {
        Entry::Build(Build {
            student: student.to_owned(),
            submission: String::new(),
            outcome: Outcome::Built,
            message: String::new(),
            wall_seconds: 0.0,
        })
    }

    #[test]
    fn an_incomplete_line_is_removed_and_the_log_continues() {
        let folder = tempfile::tempdir().expect("the disk is writable");
        let (mut log, before) = RunLog::open(folder.path()).expect("it is made");
        assert_eq!(before, []);
        log.append(&entry("a")).expect("the disk is writable");
        let path = folder.path().join("runs.jsonl");
        let whole = std::fs::read_to_string(&path).expect("it is there");
        std::fs::write(&path, format!("{whole}{}", &whole[..20])).expect("the disk is writable");
        let (mut log, before) = RunLog::open(folder.path()).expect("it is read");
        assert_eq!(before, [entry("a")]);
        log.append(&entry("b")).expect("the disk is writable");
        assert_eq!(RunLog::read(folder.path()), Ok(vec![entry("a"), entry("b")]));
    }

    #[test]
    fn an_invalid_line_is_named() {
        let folder = tempfile::tempdir().expect("the disk is writable");
        std::fs::write(folder.path().join("runs.jsonl"), "{}\n").expect("the disk is writable");
        let problem = RunLog::open(folder.path()).err().unwrap_or_default();
        assert!(problem.contains("runs.jsonl:1: invalid entry"), "{problem}");
    }

    #[test]
    fn a_full_disk_is_an_error_that_loses_nothing() {
        let full = std::path::Path::new("/dev/full");
        if let Ok(file) = std::fs::OpenOptions::new().write(true).open(full) {
            let mut log = RunLog { file, path: full.to_owned() };
            let problem = log.append(&entry("a")).err().unwrap_or_default();
            assert!(problem.starts_with("cannot write to /dev/full"), "{problem}");
        }
    }
}
