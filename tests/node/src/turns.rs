//! Virtual time: the judge owns it, and a node runs in its turn.

use std::fs::File;
use std::sync::Arc;

use protocol::{FrameError, FrameReader, frame};
use sim::{Host, Pause, Resumed};

use crate::connection::Connection;
use crate::exit;
use crate::inbox::Inbox;

/// The encoding of a sequence without messages.
const NO_MESSAGES: [u8; 1] = [0];

/// Gives the turn to the judge, and takes it back. This runs outside of the simulation.
pub(crate) struct Turns {
    pub(crate) connection: Arc<Connection>,
    pub(crate) frames: FrameReader<File>,
    pub(crate) inbox: Arc<Inbox>,
}

impl Host for Turns {
    fn hand_over(&mut self, pause: Pause) -> Resumed {
        self.connection.hand_over(pause);
        match self.frames.next_body().and_then(frame::split) {
            Ok((turn, messages)) => {
                self.connection.resume(turn.now);
                let has_news = messages != NO_MESSAGES;
                if has_news {
                    self.inbox.add(messages);
                }
                Resumed { now: turn.now, has_news }
            }
            Err(FrameError::Ended | FrameError::Unreadable(_)) => exit::alone(),
            Err(FrameError::Invalid(problem)) => exit::broken(problem),
        }
    }
}
