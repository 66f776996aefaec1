//! The one source of truth: a line for each thing that happened, appended and never changed.

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
    /// What became of a submission before it could run.
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
    /// How many runs each test gets.
    pub(crate) runs: u64,
    /// Identifies the list of seeds.
    pub(crate) seeds: String,
    /// Identifies everything that submissions are compiled with.
    pub(crate) harness: String,
    /// Identifies the rubric.
    pub(crate) rubric: String,
}

/// How a submission got on before it could run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Build {
    pub(crate) student: String,
    /// Identifies the files that were taken; empty if none could be.
    pub(crate) submission: String,
    pub(crate) outcome: Outcome,
    /// What was wrong, for the student.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) message: String,
    pub(crate) wall_seconds: f64,
}

/// Whether a submission can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It compiles, and no gate has anything against it.
    Built,
    /// What was handed in cannot be taken.
    Unreadable,
    /// It uses what it may not.
    Policy,
    /// It does not compile.
    BuildError,
    /// The grader is at fault: it is to be tried again.
    Fault,
}

impl Outcome {
    /// In words.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Outcome::Built => "compiles",
            Outcome::Unreadable => "cannot be read",
            Outcome::Policy => "uses what it may not",
            Outcome::BuildError => "does not compile",
            Outcome::Fault => "not judged: the grader was at fault",
        }
    }
}

/// One run of one test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) student: String,
    pub(crate) submission: String,
    /// The number of the run among those of the test, from 0.
    pub(crate) index: u64,
    /// What kept the submission in.
    pub(crate) isolation: String,
    #[serde(flatten)]
    pub(crate) record: Record,
}

impl Run {
    /// Whether it says anything of the submission.
    pub(crate) fn counts(&self) -> bool {
        !matches!(self.record.class, Class::Fault | Class::Interrupted)
    }
}

/// The log of a grading.
pub(crate) struct RunLog {
    file: File,
    path: PathBuf,
}

impl RunLog {
    /// Opens the log of a folder for appending, and returns what is in it. A last line that was cut off
    /// is dropped: its run is made again.
    ///
    /// # Errors
    ///
    /// If it cannot be read or written, or if a line of it makes no sense.
    pub(crate) fn open(folder: &Path) -> Result<(Self, Vec<Entry>), String> {
        let path = folder.join("runs.jsonl");
        let fail = |error| format!("cannot write to {}: {error}", path.display());
        let opened =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = opened.map_err(fail)?;
        let mut text = String::new();
        file.read_to_string(&mut text)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        if whole < text.len() {
            file.set_len(whole as u64).map_err(fail)?;
        }
        file.seek(SeekFrom::End(0)).map_err(fail)?;
        let entries = parse(&text[..whole], &path)?;
        Ok((RunLog { file, path }, entries))
    }

    /// Reads a log that is not to be changed.
    ///
    /// # Errors
    ///
    /// If it is not there, or makes no sense.
    pub(crate) fn read(folder: &Path) -> Result<Vec<Entry>, String> {
        let path = folder.join("runs.jsonl");
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        parse(&text[..whole], &path)
    }

    /// Appends a line.
    ///
    /// # Errors
    ///
    /// If it cannot be written, as on a full disk. What was begun is taken back.
    pub(crate) fn append(&mut self, entry: &Entry) -> Result<(), String> {
        let line = serde_json::to_string(entry).map_err(|error| error.to_string())? + "\n";
        let end = self.file.stream_position();
        self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data()).map_err(|error| {
            if let Ok(end) = end {
                // If this fails, too, the next reader drops the torn line.
                let _ = self.file.set_len(end);
            }
            format!("cannot write to {}: {error}", self.path.display())
        })
    }
}

fn parse(text: &str, path: &Path) -> Result<Vec<Entry>, String> {
    let parse = |(number, line): (usize, &str)| {
        serde_json::from_str(line)
            .map_err(|error| format!("{}:{number}: no record: {error}", path.display()))
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
    fn a_torn_line_is_dropped_and_the_log_goes_on() {
        let folder = tempfile::tempdir().expect("there is room");
        let (mut log, before) = RunLog::open(folder.path()).expect("it is made");
        assert_eq!(before, []);
        log.append(&entry("a")).expect("there is room");
        let path = folder.path().join("runs.jsonl");
        let whole = std::fs::read_to_string(&path).expect("it is there");
        std::fs::write(&path, format!("{whole}{}", &whole[..20])).expect("there is room");
        let (mut log, before) = RunLog::open(folder.path()).expect("it is read");
        assert_eq!(before, [entry("a")]);
        log.append(&entry("b")).expect("there is room");
        assert_eq!(RunLog::read(folder.path()), Ok(vec![entry("a"), entry("b")]));
    }

    #[test]
    fn a_line_that_makes_no_sense_is_named() {
        let folder = tempfile::tempdir().expect("there is room");
        std::fs::write(folder.path().join("runs.jsonl"), "{}\n").expect("there is room");
        let problem = RunLog::open(folder.path()).err().unwrap_or_default();
        assert!(problem.contains("runs.jsonl:1: no record"), "{problem}");
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
