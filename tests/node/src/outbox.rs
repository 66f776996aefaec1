//! Messages that wait to be sent.

use std::io::Write;

use protocol::{FrameError, MAX_FRAME, Turn, frame};

/// Room in a frame for what comes before its messages, in bytes.
const HEAD: usize = 64;

/// Encoded messages, for one frame.
#[derive(Default)]
pub(crate) struct Outbox {
    bytes: Vec<u8>,
    count: usize,
    /// Whether the last frame has been written. Nothing is sent any more.
    is_closed: bool,
}

impl Outbox {
    /// Adds a message. `false` if it does not fit into the frame.
    #[must_use]
    pub(crate) fn push(&mut self, message: &[u8]) -> bool {
        let fits = self.bytes.len() + message.len() <= MAX_FRAME - HEAD;
        if fits {
            self.bytes.extend_from_slice(message);
            self.count += 1;
        }
        fits
    }

    /// Drops all messages. Keeps the memory: this may be called where none may be freed.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.count = 0;
    }

    /// Writes all messages as one frame, even if there are none.
    pub(crate) fn flush(&mut self, turn: &Turn, stream: impl Write) -> Result<(), FrameError> {
        if !self.is_closed {
            frame::write_encoded(stream, turn, self.count, &self.bytes)?;
        }
        self.clear();
        Ok(())
    }

    /// Does the same for the last time: the process ends, but other threads still run.
    pub(crate) fn close(&mut self, turn: &Turn, stream: impl Write) -> Result<(), FrameError> {
        let result = self.flush(turn, stream);
        self.is_closed = true;
        result
    }
}

#[cfg(test)]
mod tests {
    use protocol::FromNode;

    use super::*;

    #[test]
    fn nothing_follows_the_last_frame() {
        let mut outbox = Outbox::default();
        let (turn, message) = (Turn::default(), labgob::encode(&FromNode::Started));
        let mut stream = Vec::new();
        assert!(outbox.push(&message));
        outbox.close(&turn, &mut stream).unwrap();
        let length = stream.len();
        assert_eq!(frame::decode::<FromNode>(&stream[4..]).unwrap().messages, [FromNode::Started]);
        assert!(outbox.push(&message));
        outbox.flush(&turn, &mut stream).unwrap();
        assert_eq!(stream.len(), length);
    }

    #[test]
    fn more_than_a_frame_holds_is_refused() {
        let mut outbox = Outbox::default();
        let half = vec![0; MAX_FRAME / 2];
        assert!(outbox.push(&half));
        assert!(!outbox.push(&half));
        assert!(outbox.push(&[0; 100]));
        outbox.clear();
        assert!(outbox.push(&half));
    }
}
