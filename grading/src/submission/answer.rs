//! What the process that reads a submission says about it: a line of JSON, and the contents of all files.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::ReadError;
use super::limits;
use super::selected::{Origin, Selected};
use super::student_files::StudentFiles;
use crate::tree;

/// The longest line, in bytes.
const LINE_LENGTH: u64 = 1 << 20;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// The files that count, each with its length in bytes, and where they were.
    Files(Vec<(PathBuf, u64)>, Origin),
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
pub(super) fn send(answer: &Result<Selected, ReadError>, mut output: impl Write) -> io::Result<()> {
    let line = match answer {
        Ok(Selected { files, origin }) => {
            let file = |(path, text): (&Path, &str)| (path.to_owned(), text.len() as u64);
            Line::Files(files.iter().map(file).collect(), origin.clone())
        }
        Err(ReadError::Refused(sentence)) => Line::Refused(sentence.clone()),
        Err(other) => Line::Fault(other.clone().into_message()),
    };
    serde_json::to_writer(&mut output, &line)?;
    output.write_all(b"\n")?;
    for (_, text) in answer.iter().flat_map(|selected| selected.files.iter()) {
        output.write_all(text.as_bytes())?;
    }
    output.flush()
}

/// Receives an answer, and checks it. `None` if it is not complete, or not within the limits.
pub(super) fn receive(input: impl Read) -> Option<Result<Selected, ReadError>> {
    let mut input = BufReader::new(input);
    let mut line = String::new();
    input.by_ref().take(LINE_LENGTH).read_line(&mut line).ok()?;
    let (files, origin) = match serde_json::from_str(&line).ok()? {
        Line::Refused(sentence) => return Some(Err(ReadError::Refused(sentence))),
        Line::Fault(sentence) => return Some(Err(ReadError::Fault(sentence))),
        Line::Files(files, origin) => (files, origin),
    };
    let sizes: u64 = files.iter().fold(0, |sum, (_, length)| sum.saturating_add(*length));
    if sizes > limits::SIZE || files.len() > limits::ENTRIES || !origin.is_bounded() {
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
    Some(Ok(Selected { files: StudentFiles(found), origin }))
}

fn is_allowed(path: &Path) -> bool {
    let is_plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    is_plain && tree::is_students(path)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Origin, ReadError, Selected, StudentFiles, receive, send};

    #[test]
    fn answers_arrive_as_they_were_sent() {
        let text = |path: &str, text: &str| (path.into(), text.to_owned());
        let files = [text("raft/src/raft.rs", "a\nb"), text("raft/src/raft/log.rs", "")];
        let mut origin = Origin::default();
        origin.take("hw/raft.rs".as_ref(), "raft/src/raft.rs".as_ref());
        origin.leave("build.rs".as_ref(), "not one of yours");
        for answer in [
            Ok(Selected { files: StudentFiles(BTreeMap::from(files)), origin }),
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
        let answer = |path: &str, length: u64, text: &str| {
            format!("{{\"files\":[[[\"{path}\",{length}]],{{\"taken\":[]}}]}}\n{text}")
        };
        assert!(receive(answer("raft/src/raft.rs", 1, "x").as_bytes()).is_some());
        for (path, length, text) in [
            ("../raft.rs", 1, "x"),
            ("raft/src/lib.rs", 1, "x"),
            ("raft/src/raft/../lib.rs", 1, "x"),
            ("raft/src/raft.rs", u64::MAX, "x"),
            ("raft/src/raft.rs", 1, "\u{e9}"),
        ] {
            assert_eq!(receive(answer(path, length, text).as_bytes()), None, "{path}");
        }
        let many = vec![("a", "b"); 1_000];
        let many = serde_json::to_string(&many).expect("text is JSON");
        let answer = format!("{{\"files\":[[],{{\"taken\":{many}}}]}}\n");
        assert_eq!(receive(answer.as_bytes()), None);
    }
}
