//! What the process that reads a submission says about it: a line of JSON, and the contents of all files.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::ReadError;
use super::limits;
use super::student_files::StudentFiles;
use crate::tree;

/// The longest line, in bytes.
const LINE_LENGTH: u64 = 1 << 20;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// The files that count, each with its length in bytes.
    Files(Vec<(PathBuf, u64)>),
    /// Why the student has no files.
    Refused(String),
    /// Why the files could not be read here.
    Fault(String),
}

/// Sends an answer.
///
/// # Errors
///
/// If nobody listens.
pub(super) fn send(
    answer: &Result<StudentFiles, ReadError>,
    mut output: impl Write,
) -> io::Result<()> {
    let line = match answer {
        Ok(files) => {
            let length = |text: &str| text.len() as u64;
            Line::Files(files.iter().map(|(path, text)| (path.to_owned(), length(text))).collect())
        }
        Err(ReadError::Refused(sentence)) => Line::Refused(sentence.clone()),
        Err(other) => Line::Fault(other.clone().into_message()),
    };
    serde_json::to_writer(&mut output, &line)?;
    output.write_all(b"\n")?;
    for (_, text) in answer.iter().flat_map(StudentFiles::iter) {
        output.write_all(text.as_bytes())?;
    }
    output.flush()
}

/// Receives an answer, and checks it. `None` if it is not complete, or not within the limits.
pub(super) fn receive(input: impl Read) -> Option<Result<StudentFiles, ReadError>> {
    let mut input = BufReader::new(input);
    let mut line = String::new();
    input.by_ref().take(LINE_LENGTH).read_line(&mut line).ok()?;
    let files = match serde_json::from_str(&line).ok()? {
        Line::Refused(sentence) => return Some(Err(ReadError::Refused(sentence))),
        Line::Fault(sentence) => return Some(Err(ReadError::Fault(sentence))),
        Line::Files(files) => files,
    };
    let sizes: u64 = files.iter().fold(0, |sum, (_, length)| sum.saturating_add(*length));
    if sizes > limits::SIZE || files.len() > limits::ENTRIES {
        return None;
    }
    let mut found = BTreeMap::new();
    for (path, length) in files {
        let mut text = String::new();
        input.by_ref().take(length).read_to_string(&mut text).ok()?;
        if text.len() as u64 != length || !is_allowed(&path) {
            return None;
        }
        found.insert(path, text);
    }
    Some(Ok(StudentFiles(found)))
}

fn is_allowed(path: &Path) -> bool {
    let is_plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    is_plain && tree::is_students(path)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{ReadError, StudentFiles, receive, send};

    #[test]
    fn answers_arrive_as_they_were_sent() {
        let text = |path: &str, text: &str| (path.into(), text.to_owned());
        let files = [text("raft/src/raft.rs", "a\nb"), text("raft/src/raft/log.rs", "")];
        for answer in [
            Ok(StudentFiles(BTreeMap::from(files))),
            Err(ReadError::Refused("it is a link".to_owned())),
            Err(ReadError::Fault("no git".to_owned())),
        ] {
            let mut bytes = Vec::new();
            send(&answer, &mut bytes).expect("memory takes everything");
            assert_eq!(receive(bytes.as_slice()), Some(answer.clone()));
            assert_eq!(receive(&bytes[..bytes.len() / 2]), None);
        }
    }

    #[test]
    fn an_answer_out_of_bounds_is_none() {
        for answer in [
            "{\"files\":[[\"../raft.rs\",1]]}\nx",
            "{\"files\":[[\"raft/src/lib.rs\",1]]}\nx",
            "{\"files\":[[\"raft/src/raft/../lib.rs\",1]]}\nx",
            "{\"files\":[[\"raft/src/raft.rs\",18446744073709551615]]}\nx",
            "{\"files\":[[\"raft/src/raft.rs\",1]]}\n\u{e9}",
        ] {
            assert_eq!(receive(answer.as_bytes()), None, "{answer}");
        }
    }
}
