//! Reads frames from a stream, as many at once as have arrived.

use std::io::{ErrorKind, Read};

use crate::frame::{FrameError, LENGTH, MAX_FRAME, cut_off, too_long};

/// The size of the buffer at first, in bytes.
const BUFFER: usize = 8 << 10;

/// Reads frames from a stream. One read usually brings a whole frame, or several.
pub struct FrameReader<R> {
    stream: R,
    buffer: Vec<u8>,
    /// Where the bytes in the buffer that have not been taken begin, and where they end.
    start: usize,
    end: usize,
}

impl<R: Read> FrameReader<R> {
    /// A reader of the frames of `stream`.
    pub fn new(stream: R) -> Self {
        FrameReader { stream, buffer: vec![0; BUFFER], start: 0, end: 0 }
    }

    /// Waits for the next frame. Returns its bytes, without the length: [`split`](crate::frame::split) or
    /// [`decode`](crate::frame::decode) understands them. Reserves memory only as bytes arrive.
    ///
    /// # Errors
    ///
    /// If the stream ends or cannot be read, or if the frame is too long.
    pub fn next_body(&mut self) -> Result<&[u8], FrameError> {
        while self.end - self.start < LENGTH {
            self.fill()?;
        }
        let mut length = [0; LENGTH];
        length.copy_from_slice(&self.buffer[self.start..self.start + LENGTH]);
        let length = u32::from_le_bytes(length) as usize;
        if length > MAX_FRAME {
            return Err(too_long(length));
        }
        while self.end - self.start < LENGTH + length {
            self.fill()?;
        }
        let body = self.start + LENGTH..self.start + LENGTH + length;
        self.start = body.end;
        Ok(&self.buffer[body])
    }

    /// Reads what has arrived, at least one byte.
    fn fill(&mut self) -> Result<(), FrameError> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            self.buffer.resize(2 * self.end, 0);
        }
        loop {
            match self.stream.read(&mut self.buffer[self.end..]) {
                Ok(0) if self.end == 0 => return Err(FrameError::Ended),
                Ok(0) => return Err(cut_off(ErrorKind::UnexpectedEof.into())),
                Ok(count) => {
                    self.end += count;
                    return Ok(());
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{self, Frame, Turn};
    use crate::{FromNode, Patch};

    /// Gives a few bytes at a time, as a stream may.
    struct Trickle<'a>(&'a [u8], usize);

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let count = self.1.min(buffer.len());
            self.0.read(&mut buffer[..count])
        }
    }

    #[test]
    fn frames_arrive_as_they_were_sent_however_they_are_cut() {
        let save = FromNode::Save { state: Patch::between(&[], &[7; 100_000]), snapshot: None };
        let frames: Vec<Frame<FromNode>> = [vec![], vec![FromNode::Started], vec![save; 3]]
            .into_iter()
            .map(|messages| Frame { turn: Turn { now: 9, ..Turn::default() }, messages })
            .collect();
        let mut bytes = Vec::new();
        for frame in frames.iter().cycle().take(9) {
            frame::write(&mut bytes, frame).unwrap();
        }
        for at_once in [1, 3, 1_000, bytes.len()] {
            let mut reader = FrameReader::new(Trickle(&bytes, at_once));
            for frame in frames.iter().cycle().take(9) {
                let body = reader.next_body().unwrap();
                assert_eq!(frame::decode::<FromNode>(body).unwrap(), *frame);
            }
            assert!(matches!(reader.next_body(), Err(FrameError::Ended)));
        }
    }

    #[test]
    fn a_stream_that_ends_within_a_frame_is_refused() {
        let bytes = frame::encode(&Frame { turn: Turn::default(), messages: vec![7_u32] }).unwrap();
        for cut in 1..bytes.len() {
            let error = FrameReader::new(&bytes[..cut]).next_body().unwrap_err();
            assert_eq!(error.to_string(), "a frame ends early");
        }
        let error = FrameReader::new([0xff; 8].as_slice()).next_body().unwrap_err().to_string();
        assert!(error.contains("4294967295 bytes"), "{error}");
    }
}
