//! The messages between the runner and the judge of a run.
//!
//! Each is its length in four bytes, the lowest first, and JSON. The judge holds no code of the submission, so
//! what it says is trusted.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut, Read};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use records::{Clock, Seed};
use rustix::cmsg_space;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::node_end::NodeEnd;
use crate::plan::Plan;
use crate::verdict::Verdict;

/// The longest message that is accepted, in bytes.
const LONGEST: usize = 16 << 20;

/// How messages are received without waiting.
#[cfg(target_os = "linux")]
const FLAGS: RecvFlags = RecvFlags::DONTWAIT.union(RecvFlags::CMSG_CLOEXEC);
#[cfg(not(target_os = "linux"))]
const FLAGS: RecvFlags = RecvFlags::DONTWAIT;

/// What the judge says.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum FromJudge {
    /// Start a node. Two descriptors come with this message: the node's standard input and output.
    Start {
        /// Its number, which no other node of the run has.
        node: u32,
        /// Whom it is for, such as "server 2".
        label: String,
    },
    /// Kill a node.
    Kill { node: u32 },
    /// Tell how a node has ended, with [`ToJudge::Ended`], once it has ended.
    EndOf { node: u32 },
    /// The run is over.
    Verdict(Box<Verdict>),
}

/// What the runner says.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ToJudge {
    /// What to run. This comes first.
    Job(Job),
    /// How a node has ended.
    Ended(NodeEnd),
}

/// What a judge has to run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) test: String,
    pub(crate) seed: Seed,
    pub(crate) plan: Plan,
    pub(crate) clock: Clock,
    /// Where a simulation writes all its events.
    pub(crate) trace: Option<PathBuf>,
    /// Whether the judge may write files about a failure.
    pub(crate) keeps_files: bool,
}

/// Sends a message, perhaps with two descriptors.
///
/// # Errors
///
/// If the other side is gone.
pub(crate) fn send(
    stream: &UnixStream,
    message: &impl Serialize,
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<()> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, message)?;
    let length = u32::try_from(bytes.len() - 4).map_err(|_| ErrorKind::InvalidInput)?;
    bytes[..4].copy_from_slice(&length.to_le_bytes());

    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(2))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() {
        ancillary.push(SendAncillaryMessage::ScmRights(descriptors));
    }
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        match sendmsg(stream, &[IoSlice::new(rest)], &mut ancillary, SendFlags::empty()) {
            Ok(count) => {
                rest = &rest[count..];
                // The descriptors have gone with the first bytes.
                ancillary.clear();
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Waits for the next message. Descriptors that come with it are lost.
///
/// # Errors
///
/// If the other side is gone, or the bytes are not a message.
pub(crate) fn receive<M: DeserializeOwned>(mut stream: &UnixStream) -> io::Result<M> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let mut bytes = vec![0; checked_length(length)?];
    stream.read_exact(&mut bytes)?;
    Ok(serde_json::from_slice(&bytes)?)
}

fn checked_length(length: [u8; 4]) -> io::Result<usize> {
    let length = u32::from_le_bytes(length) as usize;
    if length > LONGEST {
        return Err(io::Error::other(format!("a message of {length} bytes is too long")));
    }
    Ok(length)
}

/// What has arrived and was not taken yet, for a reader that must never wait.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    bytes: Vec<u8>,
    descriptors: VecDeque<OwnedFd>,
}

impl Inbox {
    /// Takes in what has arrived. Says whether more can come.
    ///
    /// # Errors
    ///
    /// If the stream cannot be read.
    pub(crate) fn fill(&mut self, stream: impl AsFd) -> io::Result<bool> {
        let mut chunk = [0; 16 << 10];
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(4))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let read = recvmsg(stream, &mut [IoSliceMut::new(&mut chunk)], &mut ancillary, FLAGS);
        let count = match read {
            Ok(message) => message.bytes,
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => return Ok(true),
            // What it had sent before it died can be read no more.
            Err(rustix::io::Errno::CONNRESET) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        for message in ancillary.drain() {
            if let RecvAncillaryMessage::ScmRights(descriptors) = message {
                for descriptor in descriptors {
                    // No other child inherits it. Not every system can do that while it receives.
                    #[cfg(not(target_os = "linux"))]
                    rustix::io::fcntl_setfd(&descriptor, rustix::io::FdFlags::CLOEXEC)?;
                    self.descriptors.push_back(descriptor);
                }
            }
        }
        self.bytes.extend_from_slice(&chunk[..count]);
        Ok(count > 0)
    }

    /// The next message, if it is complete.
    ///
    /// # Errors
    ///
    /// If the bytes are not a message.
    pub(crate) fn next<M: DeserializeOwned>(&mut self) -> io::Result<Option<M>> {
        let Some((length, rest)) = self.bytes.split_first_chunk() else {
            return Ok(None);
        };
        let length = checked_length(*length)?;
        let Some(bytes) = rest.get(..length) else {
            return Ok(None);
        };
        let message = serde_json::from_slice(bytes)?;
        self.bytes.drain(..4 + length);
        Ok(Some(message))
    }

    /// The next descriptor that has come with the message that was taken last.
    pub(crate) fn descriptor(&mut self) -> Option<OwnedFd> {
        self.descriptors.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;

    use super::{FromJudge, Inbox, LONGEST, receive, send};

    fn start(node: u32) -> FromJudge {
        FromJudge::Start { node, label: format!("server {node}") }
    }

    #[test]
    fn each_start_gets_the_descriptor_that_came_with_it() {
        let (judge, runner) = UnixStream::pair().expect("there are sockets");
        let mut ends = Vec::new();
        for node in 0..3 {
            let (ours, theirs) = UnixStream::pair().expect("there are sockets");
            send(&judge, &start(node), &[theirs.as_fd()]).expect("the buffer is large enough");
            send(&judge, &FromJudge::Kill { node }, &[]).expect("the buffer is large enough");
            ends.push(ours);
        }
        drop(judge);
        let mut inbox = Inbox::default();
        while inbox.fill(&runner).expect("it can be read") {}
        for (expected, mut ours) in ends.into_iter().enumerate() {
            let message: Option<FromJudge> = inbox.next().expect("it is a message");
            let Some(FromJudge::Start { node, .. }) = message else { panic!("{message:?}") };
            assert_eq!(node as usize, expected);
            let theirs = inbox.descriptor().expect("one has come");
            UnixStream::from(theirs).write_all(b"here").expect("it is a socket");
            let mut text = String::new();
            ours.read_to_string(&mut text).expect("the other end is closed");
            assert_eq!(text, "here");
            let message: Option<FromJudge> = inbox.next().expect("it is a message");
            assert!(matches!(message, Some(FromJudge::Kill { .. })), "{message:?}");
        }
    }

    #[test]
    fn a_message_in_pieces_is_one_message() {
        let (judge, runner) = UnixStream::pair().expect("there are sockets");
        send(&judge, &start(7), &[]).expect("the buffer is large enough");
        drop(judge);
        let mut bytes = Vec::new();
        (&runner).read_to_end(&mut bytes).expect("it can be read");
        let (mut judge, runner) = UnixStream::pair().expect("there are sockets");
        let mut inbox = Inbox::default();
        let (last, first) = bytes.split_last().expect("there are bytes");
        for byte in first {
            judge.write_all(&[*byte]).expect("the buffer is large enough");
            assert!(inbox.fill(&runner).expect("it can be read"));
            assert!(inbox.next::<FromJudge>().expect("it is the start of a message").is_none());
        }
        judge.write_all(&[*last]).expect("the buffer is large enough");
        assert!(inbox.fill(&runner).expect("it can be read"));
        assert!(inbox.next::<FromJudge>().expect("it is a message").is_some());
    }

    #[test]
    fn a_message_that_is_too_long_is_refused() {
        let (mut judge, runner) = UnixStream::pair().expect("there are sockets");
        let length = u32::try_from(LONGEST + 1).expect("it fits").to_le_bytes();
        judge.write_all(&length).expect("the buffer is large enough");
        assert!(receive::<FromJudge>(&runner).is_err());
        judge.write_all(&length).expect("the buffer is large enough");
        let mut inbox = Inbox::default();
        inbox.fill(&runner).expect("it can be read");
        assert!(inbox.next::<FromJudge>().is_err());
    }
}
