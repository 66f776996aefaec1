//! What the judge says, for the one thread that receives it.

use std::fs::File;
use std::sync::Arc;

use protocol::{Frame, FrameError, FrameReader, ToNode, Turn};

use crate::exit;
use crate::inbox::Inbox;

/// Where messages of the judge come from.
pub(crate) enum Incoming {
    /// On the clock: from the stream.
    Stream(FrameReader<File>),
    /// In virtual time: with the turn.
    Turns(Arc<Inbox>),
}

impl Incoming {
    /// Waits for messages. Ends the process if the judge is gone.
    pub(crate) fn receive(&mut self) -> Vec<ToNode> {
        match self {
            Incoming::Stream(frames) => read(frames).1,
            Incoming::Turns(inbox) => {
                sim::await_news();
                inbox.take().unwrap_or_else(|error| exit::broken(format!("failed to {error}")))
            }
        }
    }
}

/// Reads one frame. Ends the process if the judge is gone.
pub(crate) fn read(frames: &mut FrameReader<File>) -> (Turn, Vec<ToNode>) {
    match frames.next_body().and_then(Frame::<ToNode>::decode) {
        Ok(frame) => (frame.turn, frame.messages),
        Err(FrameError::Ended | FrameError::Unreadable(_)) => exit::alone(),
        Err(FrameError::Invalid(problem)) => exit::broken(problem),
    }
}
