//! The connection to one node: frames that go freely on the clock, and turns in virtual time.

use std::io::{BufReader, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use protocol::{Frame, FrameError, FromNode, ToNode, Turn, frame};
use rustix::net::{SendFlags, send};

use super::bounds::{LONGEST_TURN, MAX_UNREAD, SHORTEST_PAUSE};

/// The judge's end of the connection.
pub(super) struct Link {
    stream: UnixStream,
    outbox: Mutex<Outbox>,
    changed: Condvar,
    /// How many turns the node has had.
    turns: AtomicU64,
}

#[derive(Default)]
struct Outbox {
    /// What the node gets with its next turn.
    messages: Vec<ToNode>,
    /// On the clock: bytes that the node's socket had no room for.
    unsent: Vec<u8>,
    /// Whether a thread is sending these bytes.
    is_flushed: bool,
    closed: bool,
}

impl Link {
    pub(super) fn new(stream: UnixStream) -> Self {
        let turns = AtomicU64::new(0);
        Link { stream, outbox: Mutex::default(), changed: Condvar::new(), turns }
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
        let sent = if outbox.is_flushed { 0 } else { self.send_some(&bytes) };
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

    /// Sends as much as the socket takes at once.
    fn send_some(&self, bytes: &[u8]) -> usize {
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        // Whoever reads from this socket learns of its end.
        send(&self.stream, bytes, flags).unwrap_or(0)
    }

    /// Sends what the socket had no room for.
    fn flush(&self) {
        loop {
            let mut outbox = self.outbox.lock();
            if outbox.unsent.is_empty() || outbox.closed {
                outbox.is_flushed = false;
                return;
            }
            let bytes = std::mem::take(&mut outbox.unsent);
            drop(outbox);
            if (&self.stream).write_all(&bytes).is_err() {
                // The reader of this socket learns of it.
                return;
            }
        }
    }

    /// Sends nothing more, and lets [`Link::receive`] return.
    pub(super) fn close(&self) {
        self.outbox.lock().closed = true;
        self.changed.notify_all();
        // The node may be gone already.
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }

    /// How many turns the node has had. Between two turns nothing in it changes. On the clock there are none.
    pub(super) fn turns(&self) -> u64 {
        self.turns.load(Ordering::Relaxed)
    }

    /// Hands each message of the node to `take`, until the connection ends. In virtual time `accompany` may
    /// add a message to what the node gets with its turn.
    pub(super) fn receive(
        &self,
        accompany: impl FnMut() -> Option<ToNode>,
        take: impl FnMut(FromNode),
    ) -> FrameError {
        if sim::is_active() { self.take_turns(accompany, take) } else { self.read(take) }
    }

    fn read(&self, mut take: impl FnMut(FromNode)) -> FrameError {
        let mut stream = BufReader::with_capacity(1 << 16, &self.stream);
        loop {
            match frame::read::<FromNode>(&mut stream) {
                Ok(frame) => frame.messages.into_iter().for_each(&mut take),
                Err(error) => return error,
            }
        }
    }

    fn take_turns(
        &self,
        mut accompany: impl FnMut() -> Option<ToNode>,
        mut take: impl FnMut(FromNode),
    ) -> FrameError {
        let mut stream = BufReader::with_capacity(1 << 16, &self.stream);
        let mut deadline = Some(Instant::now());
        while let Some(mut messages) = self.await_turn(deadline) {
            messages.extend(accompany());
            let frame = match self.give_turn(messages, &mut stream) {
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
        answers: &mut impl Read,
    ) -> Result<Frame<FromNode>, FrameError> {
        let begun = sim::now().unwrap_or_default();
        let now = begun.as_nanos() as u64;
        frame::write(&self.stream, &Frame { turn: Turn { now, ..Turn::default() }, messages })
            .map_err(end_of_stream)?;
        let frame: Frame<FromNode> = frame::read(answers)?;
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

/// A stream that takes no more bytes has ended.
fn end_of_stream(error: FrameError) -> FrameError {
    match error {
        FrameError::Unreadable(error)
            if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) =>
        {
            FrameError::Ended
        }
        other => other,
    }
}
