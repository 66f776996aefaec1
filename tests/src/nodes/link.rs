//! The connection to one node: frames that go freely on the clock, and turns in virtual time.
//!
//! Two pipes carry the frames. A pair of sockets would do as well, but a socket also wakes its own reader
//! whenever the other side has taken something, which doubles the cost of a turn.

mod turns;

use std::io::{self, ErrorKind, PipeReader, PipeWriter, Write, pipe};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use protocol::{Frame, FrameError, FrameReader, FromNode, Outcome, Term, ToNode, Turn, frame};
use rustix::event::{PollFd, PollFlags, poll};

use super::bounds::{FAILURE_WAITS, MAX_UNREAD};

/// The judge's end of the connection.
pub(super) struct Link {
    /// On the clock, writing to it never waits.
    writer: PipeWriter,
    outbox: Mutex<Outbox>,
    changed: Condvar,
    /// Whether the node is killed, or about to be.
    closed: AtomicBool,
}

#[derive(Default)]
struct Outbox {
    /// What the node gets with its next turn.
    messages: Vec<ToNode>,
    /// When the first of these messages has to be there.
    due: Option<Instant>,
    /// On the clock: bytes that the pipe had no room for.
    unsent: Vec<u8>,
    /// Whether a thread is sending these bytes.
    is_flushed: bool,
}

/// The node's standard input and output.
pub(super) struct NodeEnds {
    pub(super) stdin: OwnedFd,
    pub(super) stdout: OwnedFd,
}

/// What comes from a node.
pub(super) type Frames = FrameReader<PipeReader>;

impl Link {
    /// A connection to a node that is to be started with these ends.
    ///
    /// # Errors
    ///
    /// If the system has no more pipes.
    pub(super) fn new() -> io::Result<(Self, Frames, NodeEnds)> {
        let (stdin, writer) = pipe()?;
        let (reader, stdout) = pipe()?;
        if !sim::is_active() {
            rustix::io::ioctl_fionbio(&writer, true)?;
        }
        let link = Link {
            writer,
            outbox: Mutex::default(),
            changed: Condvar::new(),
            closed: AtomicBool::new(false),
        };
        let ends = NodeEnds { stdin: stdin.into(), stdout: stdout.into() };
        Ok((link, FrameReader::new(reader), ends))
    }

    /// Sends a message. It never waits for the node.
    ///
    /// # Errors
    ///
    /// If the node has left too much unread.
    pub(super) fn send(self: &Arc<Self>, message: ToNode) -> Result<(), FrameError> {
        let mut outbox = self.outbox.lock();
        if self.is_closed() {
            return Ok(());
        }
        if sim::is_active() {
            let due = Instant::now() + longest_wait(&message);
            outbox.due = Some(outbox.due.map_or(due, |earlier| earlier.min(due)));
            outbox.messages.push(message);
            self.changed.notify_one();
            return Ok(());
        }
        let bytes = frame::encode(&Frame { turn: Turn::default(), messages: vec![message] })?;
        let sent = if outbox.is_flushed { 0 } else { self.write_some(&bytes) };
        if sent < bytes.len() {
            outbox.unsent.extend_from_slice(&bytes[sent..]);
            if outbox.unsent.len() > MAX_UNREAD {
                let problem = format!("it has left {} bytes unread", outbox.unsent.len());
                return Err(FrameError::Invalid(problem));
            }
            if !outbox.is_flushed {
                outbox.is_flushed = true;
                let link = self.clone();
                thread::spawn(move || link.flush());
            }
        }
        Ok(())
    }

    /// Writes as much as the pipe takes at once.
    fn write_some(&self, bytes: &[u8]) -> usize {
        let mut sent = 0;
        while sent < bytes.len() {
            match (&self.writer).write(&bytes[sent..]) {
                Ok(count) => sent += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // The pipe is full, or the node is gone, which the reader of its frames learns.
                Err(_) => break,
            }
        }
        sent
    }

    /// Sends what the pipe had no room for.
    fn flush(&self) {
        loop {
            let mut writable = [PollFd::new(&self.writer, PollFlags::OUT)];
            // After an interrupt the pipe may still be full.
            let _ = poll(&mut writable, None);
            let is_broken = writable[0].revents().contains(PollFlags::ERR);
            let mut outbox = self.outbox.lock();
            let sent = self.write_some(&outbox.unsent);
            outbox.unsent.drain(..sent);
            if outbox.unsent.is_empty() || self.is_closed() || is_broken {
                outbox.is_flushed = false;
                return;
            }
        }
    }

    /// Sends nothing more, and in virtual time lets [`Link::receive`] return. On the clock it returns when
    /// the node is dead.
    pub(super) fn close(&self) {
        let outbox = self.outbox.lock();
        self.closed.store(true, Ordering::Relaxed);
        drop(outbox);
        self.changed.notify_all();
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Hands each message of the node to `take`, until the connection ends. In virtual time `note` gets the
    /// state with which the node has ended a turn, before the turn's messages: whoever sees one of them then
    /// knows the term that it was sent in, or a later one.
    pub(super) fn receive(
        &self,
        mut frames: Frames,
        mut take: impl FnMut(FromNode),
        note: impl FnMut(Option<(Term, bool)>),
    ) -> FrameError {
        if sim::is_active() {
            return self.take_turns(frames, take, note);
        }
        loop {
            match next_frame(&mut frames) {
                Ok(frame) => frame.messages.into_iter().for_each(&mut take),
                Err(error) => return error,
            }
        }
    }
}

/// How long a message may wait for others that give the node a turn.
fn longest_wait(message: &ToNode) -> Duration {
    match message {
        ToNode::Outcome { outcome: Outcome::Failed, .. } => FAILURE_WAITS,
        _ => Duration::ZERO,
    }
}

fn next_frame(frames: &mut Frames) -> Result<Frame<FromNode>, FrameError> {
    frames.next_body().and_then(frame::decode)
}
