//! One node.

use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, ExitStatus, Stdio};

use protocol::{Frame, FrameError, FrameReader, FromNode, Life, ToNode, Turn, frame};

/// A node that runs, and the judge's end of its stream. It is killed when this is dropped.
pub(crate) struct Node {
    child: Child,
    stream: Option<UnixStream>,
    frames: Option<FrameReader<UnixStream>>,
}

impl Node {
    /// Starts a process that can become a node.
    pub(crate) fn spawn() -> Self {
        Node::spawn_with("", "")
    }

    /// The same, with a submission that misbehaves.
    pub(crate) fn misbehaving(deed: &str) -> Self {
        Node::spawn_with("MISBEHAVIOUR", deed)
    }

    /// The same, with a variable in its environment.
    pub(crate) fn spawn_with(variable: &str, value: &str) -> Self {
        let (stream, other) = UnixStream::pair().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_node-under-test"));
        let input = OwnedFd::from(other.try_clone().unwrap());
        command.env_clear().stdin(input).stdout(OwnedFd::from(other));
        command.stderr(Stdio::piped());
        if !variable.is_empty() {
            command.env(variable, value);
        }
        let child = command.spawn().unwrap();
        let frames = Some(FrameReader::new(stream.try_clone().unwrap()));
        Node { child, stream: Some(stream), frames }
    }

    /// Sends a frame.
    pub(crate) fn send(&self, now: u64, messages: Vec<ToNode>) {
        let turn = Turn { now, ..Turn::default() };
        self.send_bytes(&frame::encode(&Frame { turn, messages }).unwrap());
    }

    /// Sends any bytes.
    pub(crate) fn send_bytes(&self, bytes: &[u8]) {
        let mut stream = self.stream.as_ref().unwrap();
        stream.write_all(bytes).unwrap();
    }

    /// Sends a frame, if it still lives.
    pub(crate) fn give_turn(&self, now: u64, messages: Vec<ToNode>) {
        let turn = Turn { now, ..Turn::default() };
        // It may have ended.
        let _ = frame::write(self.stream.as_ref().unwrap(), &Frame { turn, messages });
    }

    /// Lets its life begin.
    pub(crate) fn begin(&self, life: Life) {
        self.send(0, vec![ToNode::Start(Box::new(life))]);
    }

    /// The bytes of its next frame; `None` after its last one.
    pub(crate) fn next_body(&mut self) -> Option<&[u8]> {
        match self.frames.as_mut().unwrap().next_body() {
            Ok(body) => Some(body),
            Err(FrameError::Ended) => None,
            Err(FrameError::Unreadable(error)) if error.raw_os_error() == Some(RESET) => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// Its next frame; `None` after its last one.
    pub(crate) fn next_frame(&mut self) -> Option<Frame<FromNode>> {
        self.next_body().map(|body| frame::decode(body).unwrap())
    }

    /// Everything that it sends from now on, until `is_last` or its end.
    pub(crate) fn read_until(&mut self, is_last: impl Fn(&FromNode) -> bool) -> Vec<FromNode> {
        let mut all = Vec::new();
        while let Some(frame) = self.next_frame() {
            all.extend(frame.messages);
            if all.iter().any(&is_last) {
                break;
            }
        }
        all
    }

    /// The judge's end of the stream, for writing and for reading. Nothing else can be done with it then.
    pub(crate) fn take_stream(&mut self) -> (UnixStream, FrameReader<UnixStream>) {
        (self.stream.take().unwrap(), self.frames.take().unwrap())
    }

    /// Closes the judge's end of the stream.
    pub(crate) fn leave(&mut self) {
        self.stream.take().unwrap().shutdown(std::net::Shutdown::Both).unwrap();
    }

    /// Waits for the end of the process. Returns how it ended, and what it has printed to its standard error.
    pub(crate) fn wait(mut self) -> (ExitStatus, String) {
        let mut printed = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut printed).unwrap();
        (self.child.wait().unwrap(), printed)
    }
}

/// The error of a stream whose other end has closed it with unread bytes.
const RESET: i32 = 104;

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
