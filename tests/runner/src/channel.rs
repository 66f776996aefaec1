//! The messages between parent and child: a job for the child, a record for the parent.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use records::{Clock, Seed};
use serde::{Deserialize, Serialize};

use crate::verdict::Verdict;

/// The longest record that is accepted, in bytes.
const MAX_RECORD: u64 = 1 << 20;

/// What a child has to run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) test: String,
    pub(crate) seed: Seed,
    pub(crate) clock: Clock,
    /// Where a simulation writes all its events.
    pub(crate) trace: Option<PathBuf>,
    /// Whether the child may write files about a failure.
    pub(crate) keeps_files: bool,
    /// Whether the process gives up what a submission does not need.
    pub(crate) confined: bool,
    /// The processor to run on.
    pub(crate) processor: Option<usize>,
    /// The harness in the child reads it before any code of the submission runs.
    pub(crate) key: String,
}

#[derive(Serialize, Deserialize)]
struct Record {
    key: String,
    verdict: Verdict,
}

/// What the child has sent.
#[derive(Debug)]
pub(crate) enum Received {
    /// Exactly one good record.
    Verdict(Verdict),
    /// Nothing at all.
    Nothing,
    /// Something that is not one record with the key.
    Invalid,
}

/// A key that nobody can guess.
pub(crate) fn fresh_key() -> String {
    format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>())
}

impl Job {
    pub(crate) fn send(&self, stream: &mut UnixStream) -> std::io::Result<()> {
        let mut line = serde_json::to_string(self)?;
        line.push('\n');
        stream.write_all(line.as_bytes())
    }

    /// Reads the job from the child's end of the socket, which is its standard input.
    pub(crate) fn receive() -> std::io::Result<(Job, UnixStream)> {
        let descriptor: OwnedFd = std::io::stdin().as_fd().try_clone_to_owned()?;
        let stream = UnixStream::from(descriptor);
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line)?;
        stream.set_read_timeout(None)?;
        // A submission that reads its input must not get at the socket.
        nix::unistd::dup2_stdin(std::fs::File::open("/dev/null")?)?;
        Ok((serde_json::from_str(&line)?, stream))
    }
}

/// Sends the child's verdict.
pub(crate) fn send_verdict(
    mut stream: &UnixStream,
    key: &str,
    verdict: Verdict,
) -> std::io::Result<()> {
    let mut line = serde_json::to_string(&Record { key: key.to_owned(), verdict })?;
    line.push('\n');
    stream.write_all(line.as_bytes())
}

/// Reads until the child has closed the socket, and checks what it has sent.
pub(crate) fn receive_verdict(stream: UnixStream, key: &str) -> Received {
    let mut text = String::new();
    if stream.take(MAX_RECORD).read_to_string(&mut text).is_err() {
        return Received::Invalid;
    }
    if text.is_empty() {
        return Received::Nothing;
    }
    let mut lines = text.lines();
    let record = lines.next().and_then(|line| serde_json::from_str::<Record>(line).ok());
    match (record, lines.next()) {
        (Some(record), None) if record.key == key => Received::Verdict(record.verdict),
        _ => Received::Invalid,
    }
}
