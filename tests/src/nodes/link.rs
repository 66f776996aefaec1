//! The connection to one node: frames that go freely on the clock, and turns in virtual time.
//!
//! Two pipes carry the frames. A pair of sockets would do as well, but a socket also wakes its own reader
//! whenever the other side has taken something, which doubles the cost of a turn.

use std::io::{ErrorKind, PipeReader, PipeWriter, Write, pipe};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use protocol::{Frame, FrameError, FrameReader, FromNode, ToNode, Turn, frame};
use rustix::event::{PollFd, PollFlags, poll};

use super::bounds::{LONGEST_TURN, MAX_UNREAD, SHORTEST_PAUSE};

/// The judge's end of the connection.
pub(super) struct Link {
    /// On the clock, writing to it never waits.
    writer: PipeWriter,
    outbox: Mutex<Outbox>,
    changed: Condvar,
    /// How many turns the node has had.
    turns: AtomicU64,
}

#[derive(Default)]
struct Outbox {
    /// What the node gets with its next turn.
    messages: Vec<ToNode>,
    /// On the clock: bytes that the pipe had no room for.
    unsent: Vec<u8>,
    /// Whether a thread is sending these bytes.
    is_flushed: bool,
    closed: bool,
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
    pub(super) fn new() -> std::io::Result<(Self, Frames, NodeEnds)> {
        let (stdin, writer) = pipe()?;
        let (reader, stdout) = pipe()?;
        if !sim::is_active() {
            rustix::io::ioctl_fionbio(&writer, true)?;
        }
        let (outbox, turns) = (Mutex::default(), AtomicU64::new(0));
        let link = Link { writer, outbox, changed: Condvar::new(), turns };
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
        if outbox.closed {
            return Ok(());
        }
        if sim::is_active() {
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
            if outbox.unsent.is_empty() || outbox.closed || is_broken {
                outbox.is_flushed = false;
                return;
            }
        }
    }

    /// Sends nothing more, and in virtual time lets [`Link::receive`] return. On the clock it returns when
    /// the node is dead.
    pub(super) fn close(&self) {
        self.outbox.lock().closed = true;
        self.changed.notify_all();
    }

    /// How many turns the node has had. Between two turns nothing in it changes. On the clock there are none.
    pub(super) fn turns(&self) -> u64 {
        self.turns.load(Ordering::Relaxed)
    }

    /// Hands each message of the node to `take`, until the connection ends. In virtual time `accompany` may
    /// add a message to what the node gets with its turn.
    pub(super) fn receive(
        &self,
        mut frames: Frames,
        accompany: impl FnMut() -> Option<ToNode>,
        mut take: impl FnMut(FromNode),
    ) -> FrameError {
        if sim::is_active() {
            return self.take_turns(frames, accompany, take);
        }
        loop {
            match next_frame(&mut frames) {
                Ok(frame) => frame.messages.into_iter().for_each(&mut take),
                Err(error) => return error,
            }
        }
    }

    fn take_turns(
        &self,
        mut frames: Frames,
        mut accompany: impl FnMut() -> Option<ToNode>,
        mut take: impl FnMut(FromNode),
    ) -> FrameError {
        let mut deadline = Some(Instant::now());
        while let Some(mut messages) = self.await_turn(deadline) {
            messages.extend(accompany());
            let frame = match self.give_turn(messages, &mut frames) {
                Ok(frame) => frame,
                Err(error) => return error,
            };
            let now = sim::now().unwrap_or_default();
            deadline = frame.turn.deadline.map(|deadline| {
                let pause = Duration::from_nanos(deadline).saturating_sub(now);
                Instant::now() + pause.max(SHORTEST_PAUSE)
            });
            frame.messages.into_iter().for_each(&mut take);
        }
        FrameError::Ended
    }

    /// Waits until the node has something to do. `None` once the link is closed.
    fn await_turn(&self, deadline: Option<Instant>) -> Option<Vec<ToNode>> {
        let mut outbox = self.outbox.lock();
        loop {
            if outbox.closed {
                return None;
            }
            let is_due = deadline.is_some_and(|deadline| deadline <= Instant::now());
            if is_due || !outbox.messages.is_empty() {
                return Some(std::mem::take(&mut outbox.messages));
            }
            match deadline {
                Some(deadline) => {
                    self.changed.wait_until(&mut outbox, deadline);
                }
                None => self.changed.wait(&mut outbox),
            }
        }
    }

    /// Lets the node run. No other simulated thread runs meanwhile; virtual time moves on by what the node
    /// has taken.
    fn give_turn(
        &self,
        messages: Vec<ToNode>,
        frames: &mut Frames,
    ) -> Result<Frame<FromNode>, FrameError> {
        let begun = sim::now().unwrap_or_default();
        let now = begun.as_nanos() as u64;
        let frame = Frame { turn: Turn { now, ..Turn::default() }, messages };
        frame::write(&self.writer, &frame).map_err(end_of_stream)?;
        let frame = next_frame(frames)?;
        self.turns.fetch_add(1, Ordering::Relaxed);
        let Turn { now: ended, events, hash, .. } = frame.turn;
        let ended = Duration::from_nanos(ended);
        if ended > begun + LONGEST_TURN {
            let took = ended - begun;
            return Err(FrameError::Invalid(format!(
                "its turn has taken {took:?} of virtual time"
            )));
        }
        sim::advance_to(ended);
        sim::note(hash, format_args!("takes the turn back after {events} events of the node"));
        Ok(frame)
    }
}

fn next_frame(frames: &mut Frames) -> Result<Frame<FromNode>, FrameError> {
    frames.next_body().and_then(frame::decode)
}

/// A pipe that takes no more bytes has ended.
fn end_of_stream(error: FrameError) -> FrameError {
    match error {
        FrameError::Unreadable(error) if error.kind() == ErrorKind::BrokenPipe => FrameError::Ended,
        other => other,
    }
}
