//! The file of the log.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::entry::{Entry, Grading, VERSION};
use crate::files::reason;
use crate::foreign::{Foreign, visible_json};
use crate::submission::is_usable;

/// Only its owner reads the log: it contains the seeds.
const PRIVATE: u32 = 0o600;

/// The log of a grading.
pub(crate) struct RunLog {
    file: File,
    path: PathBuf,
}

impl RunLog {
    /// Opens the log in a folder for appending, and returns its entries. A last line that is incomplete or
    /// damaged is removed, because the grader was stopped while it wrote it; its run will be made again.
    ///
    /// # Errors
    ///
    /// If the log cannot be read or written, if a line of it is invalid, or if another program has it open for
    /// appending.
    pub(crate) fn open(folder: &Path) -> Result<(Self, Vec<Entry>), String> {
        let path = folder.join("runs.jsonl");
        let fail = |error| format!("cannot write to {}: {}", path.display(), reason(&error));
        check_kind(&path)?;
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false).mode(PRIVATE);
        let mut file = options.open(&path).map_err(fail)?;
        // Two programs that append would write over each other's lines.
        if flock(&file, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK) {
            return Err(format!(
                "another program is grading in {}: wait until it has ended, or choose another --out",
                folder.display()
            ));
        }
        file.set_permissions(PermissionsExt::from_mode(PRIVATE)).map_err(fail)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)
            .map_err(|error| format!("cannot read {}: {}", path.display(), reason(&error)))?;
        let (entries, length) = parse(&text, &path)?;
        if length < text.len() {
            file.set_len(length as u64).map_err(fail)?;
        }
        file.seek(SeekFrom::End(0)).map_err(fail)?;
        Ok((RunLog { file, path }, entries))
    }

    /// Keeps other programs from appending to the log in a folder, as long as what is returned exists. `None` if there
    /// is no log.
    ///
    /// # Errors
    ///
    /// If another program has it open for appending, or it cannot be read.
    pub(crate) fn hold(folder: &Path) -> Result<Option<Held>, String> {
        let path = folder.join("runs.jsonl");
        check_kind(&path)?;
        let file = match File::open(&path) {
            Err(error) if is_absent(&error) => return Ok(None),
            file => {
                file.map_err(|error| format!("cannot read {}: {}", path.display(), reason(&error)))?
            }
        };
        match flock(&file, FlockOperation::NonBlockingLockShared) {
            Err(Errno::WOULDBLOCK) => Err(format!(
                "another program is grading in {}: wait until it has ended",
                folder.display()
            )),
            _ => Ok(Some(Held(file))),
        }
    }

    /// Reads the log in a folder without changing it. It has at least one entry.
    ///
    /// # Errors
    ///
    /// If there is none, if it cannot be read, or if a line of it is invalid.
    pub(crate) fn read(folder: &Path) -> Result<Vec<Entry>, String> {
        let entries = RunLog::read_if_any(folder)?;
        if entries.is_empty() {
            return Err(format!(
                "{} contains no results: give a folder that `cargo grade run` has filled",
                folder.display()
            ));
        }
        Ok(entries)
    }

    /// Reads the log in a folder without changing it; nothing if there is none.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or if a line of it is invalid.
    pub(crate) fn read_if_any(folder: &Path) -> Result<Vec<Entry>, String> {
        let path = folder.join("runs.jsonl");
        check_kind(&path)?;
        match std::fs::read(&path) {
            Ok(text) => parse(&text, &path).map(|(entries, _)| entries),
            Err(error) if is_absent(&error) => Ok(Vec::new()),
            Err(error) => Err(format!("cannot read {}: {}", path.display(), reason(&error))),
        }
    }

    /// Appends a line.
    ///
    /// # Errors
    ///
    /// If the line cannot be written, for example because the disk is full. A partly written line is removed.
    pub(crate) fn append(&mut self, entry: &Entry) -> Result<(), String> {
        let line = line(entry)?;
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

/// A log that nobody appends to.
#[derive(Debug)]
pub(crate) struct Held(File);

impl Drop for Held {
    fn drop(&mut self) {
        unlock(&self.0);
    }
}

impl Drop for RunLog {
    fn drop(&mut self) {
        unlock(&self.file);
    }
}

/// Lets go of a lock. Closing the file would not do: a process that is just being started has a copy of it.
fn unlock(file: &File) {
    let _ = flock(file, FlockOperation::Unlock);
}

/// Whether there is no file, according to an error.
fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Checks that a log is a file, if it exists: reading a FIFO would never end.
fn check_kind(path: &Path) -> Result<(), String> {
    match path.metadata() {
        Ok(metadata) if !metadata.is_file() => {
            Err(format!("{} is not a file: choose another folder", path.display()))
        }
        _ => Ok(()),
    }
}

/// The text of a log with these entries.
///
/// # Errors
///
/// If one of them cannot be written as JSON.
pub(crate) fn render(entries: &[Entry]) -> Result<String, String> {
    entries.iter().map(line).collect()
}

fn line(entry: &Entry) -> Result<String, String> {
    let line = serde_json::to_string(entry).map_err(|error| error.to_string())?;
    Ok(visible_json(&line) + "\n")
}

/// The entries of a log, and the length in bytes of the lines that they are in. A last line that cannot be
/// read is left out. If it is the first one as well, the file is no log, and is left as it is.
fn parse(text: &[u8], path: &Path) -> Result<(Vec<Entry>, usize), String> {
    let mut entries = Vec::new();
    let mut length = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let is_last = length + line.len() == text.len();
        match parse_line(line) {
            Ok(entry) => entries.push(entry),
            Err(Problem::Incomplete) => break,
            Err(Problem::Other(problem)) => return Err(format!("{}: {problem}", path.display())),
            Err(Problem::Invalid(_)) if is_last && !entries.is_empty() => break,
            Err(Problem::Invalid(problem)) => {
                let number = entries.len() + 1;
                return Err(format!(
                    "{}:{number}: {problem}: delete this line, and whatever it told of is done again",
                    path.display()
                ));
            }
        }
        length += line.len();
    }
    Ok((entries, length))
}

enum Problem {
    /// The line has no end.
    Incomplete,
    Invalid(String),
    /// Nothing that deleting the line would mend.
    Other(String),
}

fn parse_line(line: &[u8]) -> Result<Entry, Problem> {
    let Some(line) = line.strip_suffix(b"\n") else {
        return Err(Problem::Incomplete);
    };
    if line.trim_ascii().is_empty() {
        return Err(Problem::Invalid("the line is blank".to_owned()));
    }
    let invalid = |error| Problem::Invalid(format!("invalid entry: {error}"));
    let entry: Entry = serde_json::from_slice(line).map_err(invalid)?;
    if let Entry::Grading(Grading { version, .. }) = &entry
        && *version != VERSION
    {
        return Err(Problem::Other(format!(
            "it is of version {version}, and this program reads version {VERSION}: use the program that wrote it"
        )));
    }
    match entry.students().iter().find(|student| !is_usable(student)) {
        Some(student) => {
            let student = Foreign::new(student.as_str()).line();
            Err(Problem::Invalid(format!("\"{student}\" cannot be a student's name")))
        }
        None => Ok(entry),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;

    use tempfile::TempDir;

    use super::{Entry, Foreign, RunLog};
    use crate::runlog::Build;

    fn entry(student: &str) -> Entry {
        Entry::Build(Build { student: student.to_owned(), ..Build::default() })
    }

    /// A log with these bytes after its first entry.
    fn log_with(rest: &[u8]) -> TempDir {
        let folder = tempfile::tempdir().expect("the disk is writable");
        let (mut log, before) = RunLog::open(folder.path()).expect("it is made");
        assert_eq!(before, []);
        log.append(&entry("a")).expect("the disk is writable");
        log.file.write_all(rest).expect("the disk is writable");
        folder
    }

    #[test]
    fn a_log_is_held_only_while_nobody_appends() {
        let folder = tempfile::tempdir().expect("the disk is writable");
        let (log, _) = RunLog::open(folder.path()).expect("it is free");
        let problem = RunLog::hold(folder.path()).expect_err("it is open");
        assert!(problem.starts_with("another program is grading in "), "{problem}");
        // As of a process that is just being started.
        let _copy = log.file.try_clone().expect("it is open");
        drop(log);
        let held = RunLog::hold(folder.path()).expect("it is free");
        assert!(held.is_some());
        let problem = RunLog::open(folder.path()).err().expect("it is held");
        assert!(problem.starts_with("another program is grading in "), "{problem}");
        drop(held);
        RunLog::open(folder.path()).expect("it is free");
    }

    #[test]
    fn a_damaged_last_line_is_removed_and_the_log_continues() {
        let whole = serde_json::to_string(&entry("x")).expect("an entry is JSON");
        for rest in [&whole.as_bytes()[..20], b"\n", b" \n", b"{}\n", b"\0\0\0", b"\xff\n"] {
            let folder = log_with(rest);
            assert_eq!(RunLog::read(folder.path()), Ok(vec![entry("a")]));
            let (mut log, before) = RunLog::open(folder.path()).expect("it is read");
            assert_eq!(before, [entry("a")]);
            log.append(&entry("b")).expect("the disk is writable");
            assert_eq!(RunLog::read(folder.path()), Ok(vec![entry("a"), entry("b")]));
        }
    }

    #[test]
    fn a_damaged_line_within_is_named_with_what_to_do() {
        let last = serde_json::to_string(&entry("b")).expect("an entry is JSON");
        for (line, problem) in [
            ("", "the line is blank"),
            ("{}", "invalid entry"),
            ("\0", "invalid entry"),
            (&last.replace("\"b\"", "\"../b\""), "\"../b\" cannot be a student's name"),
            (&last.replace("\"b\"", "\"\\u001b\""), "\"\\u{1b}\" cannot be a student's name"),
        ] {
            let folder = log_with(format!("{line}\n{last}\n").as_bytes());
            let found = RunLog::open(folder.path()).err().unwrap_or_default();
            assert!(found.contains(&format!("runs.jsonl:2: {problem}")), "{found}");
            assert!(found.contains("delete this line"), "{found}");
            assert_eq!(RunLog::read(folder.path()).err(), Some(found));
        }
    }

    #[test]
    fn a_file_that_is_no_log_is_left_as_it_is() {
        let folder = tempfile::tempdir().expect("the disk is writable");
        let path = folder.path().join("runs.jsonl");
        std::fs::write(&path, "{}\n").expect("the disk is writable");
        let problem = RunLog::open(folder.path()).err().unwrap_or_default();
        assert!(problem.contains("runs.jsonl:1: invalid entry"), "{problem}");
        assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "{}\n");
    }

    #[test]
    fn only_its_owner_reads_the_log() {
        let folder = log_with(b"");
        let mode =
            |path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
        let path = folder.path().join("runs.jsonl");
        assert_eq!(mode(&path), 0o600);
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).expect("it is ours");
        RunLog::open(folder.path()).expect("it is read");
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn the_log_shows_nothing_invisible_and_keeps_all() {
        let folder = log_with(b"");
        let (mut log, _) = RunLog::open(folder.path()).expect("it is read");
        let message = "\u{1b}[2J\u{9b}\u{202e}\u{7f}\r\n\u{e0041}";
        let hostile = match entry("b") {
            Entry::Build(build) => Entry::Build(Build { message: message.to_owned(), ..build }),
            other => other,
        };
        log.append(&hostile).expect("the disk is writable");
        let path = folder.path().join("runs.jsonl");
        let text = std::fs::read_to_string(path).expect("it is there");
        assert_eq!(Foreign::new(text.as_str()).lines(), text);
        assert_eq!(RunLog::read(folder.path()), Ok(vec![entry("a"), hostile]));
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
