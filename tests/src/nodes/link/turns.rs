//! Virtual time: a node runs in its turn, and the judge owns the time.

use std::io::{self, ErrorKind, Write};
use std::time::{Duration, Instant};

use protocol::{Frame, FrameError, FromNode, Term, ToNode, Turn, frame};

use super::{Frames, Link};
use crate::nodes::bounds::{LONGEST_TURN, TURN_EVERY};

impl Link {
    /// Gives the node one turn after the other, until the connection ends. `take` and `note` get what comes of
    /// a turn.
    pub(super) fn take_turns(
        &self,
        mut frames: Frames,
        mut take: impl FnMut(FromNode),
        mut note: impl FnMut(Option<(Term, bool)>),
    ) -> FrameError {
        let mut deadline = Some(Instant::now());
        let mut earliest = Instant::now();
        while let Some(messages) = self.await_turn(earliest, deadline) {
            let frame = match self.give_turn(messages, &mut frames) {
                Ok(frame) => frame,
                Err(error) => return error,
            };
            let now = sim::now().unwrap_or_default();
            earliest = Instant::now() + TURN_EVERY;
            deadline = frame.turn.deadline.map(|deadline| {
                let pause = Duration::from_nanos(deadline).saturating_sub(now);
                Instant::now() + pause
            });
            note(frame.turn.state);
            frame.messages.into_iter().for_each(&mut take);
        }
        FrameError::Ended
    }

    /// Waits until the node has something to do, at least until `earliest`. `None` once the link is closed.
    fn await_turn(&self, earliest: Instant, deadline: Option<Instant>) -> Option<Vec<ToNode>> {
        let mut outbox = self.outbox.lock();
        loop {
            if self.is_closed() {
                return None;
            }
            let until = deadline.into_iter().chain(outbox.due).min();
            match until.map(|until| until.max(earliest)) {
                Some(until) if until <= Instant::now() => {
                    outbox.due = None;
                    return Some(std::mem::take(&mut outbox.messages));
                }
                Some(until) => {
                    self.changed.wait_until(&mut outbox, until);
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
        let bytes = frame::encode(&Frame { turn: Turn { now, ..Turn::default() }, messages })?;
        // Nobody must kill the node from here until it has answered: how far a node gets that is being killed
        // depends on the real time.
        let body = sim::uninterrupted(|| {
            if self.is_closed() {
                return Err(FrameError::Ended);
            }
            (&self.writer).write_all(&bytes).map_err(end_of_stream)?;
            frames.next_body()
        })?;
        let frame = frame::decode::<FromNode>(body)?;
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

/// A pipe that takes no more bytes has ended.
fn end_of_stream(error: io::Error) -> FrameError {
    match error.kind() {
        ErrorKind::BrokenPipe => FrameError::Ended,
        _ => FrameError::Unreadable(error),
    }
}
