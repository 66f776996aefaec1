//! Frames: several messages at once, with the time, as bytes on a stream.
//!
//! A frame is its length in four bytes, the lowest first, and the encoding of a [`Frame`].

use std::io::{self, ErrorKind, IoSlice, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Term;

/// The longest frame, in bytes without its length.
pub const MAX_FRAME: usize = 32 << 20;

/// How many bytes the length of a frame takes.
pub(crate) const LENGTH: usize = 4;

/// Frames up to this length are copied, because a call that writes one piece is cheaper than one for two.
const SMALL: usize = 512;

/// Several messages, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Frame<M> {
    /// Where virtual time stands; all zeros on the clock.
    pub turn: Turn,
    /// The messages.
    pub messages: Vec<M>,
}

/// Where a node's virtual time stands when the turn changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Turn {
    /// Nanoseconds since the test began.
    pub now: u64,
    /// From a node: when it wants to go on at the latest. `None` if only a message can wake it.
    pub deadline: Option<u64>,
    /// From a node: how many events it has had so far.
    pub events: u64,
    /// From a node: a hash of all these events.
    pub hash: u64,
    /// From a server: its term, and whether it says that it leads, as `Raft::get_state` has returned them at the
    /// end of this turn. `None` if it has not returned, or there is no Raft yet.
    pub state: Option<(Term, bool)>,
}

/// Why there is no frame.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The stream has ended between two frames.
    #[error("the stream has ended")]
    Ended,
    /// The bytes are not a frame.
    #[error("{0}")]
    Invalid(String),
    /// The stream cannot be read.
    #[error("{0}")]
    Unreadable(#[from] io::Error),
}

/// A frame as it goes over a stream.
///
/// # Errors
///
/// If it is longer than [`MAX_FRAME`].
pub fn encode<M: Serialize>(frame: &Frame<M>) -> Result<Vec<u8>, FrameError> {
    let body = labgob::encode_silently(frame);
    if body.len() > MAX_FRAME {
        return Err(too_long(body.len()));
    }
    let mut bytes = Vec::with_capacity(LENGTH + body.len());
    bytes.extend_from_slice(&(body.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&body);
    Ok(bytes)
}

/// Writes a frame.
///
/// # Errors
///
/// If it is too long, or the stream does not take it.
pub fn write<M: Serialize>(mut stream: impl Write, frame: &Frame<M>) -> Result<(), FrameError> {
    Ok(stream.write_all(&encode(frame)?)?)
}

/// Writes a frame of `count` messages, which are encoded already, one after the other. Allocates nothing, and
/// makes one system call if the stream takes all at once.
///
/// # Errors
///
/// If it is too long, or the stream does not take it.
pub fn write_encoded(
    mut stream: impl Write,
    turn: &Turn,
    count: usize,
    messages: &[u8],
) -> Result<(), FrameError> {
    let mut start = [0; SMALL];
    let length = labgob::encode_into(&(turn, count), &mut start[LENGTH..])
        .expect("a turn and a count are shorter than that");
    let body = length + messages.len();
    if body > MAX_FRAME {
        return Err(too_long(body));
    }
    start[..LENGTH].copy_from_slice(&(body as u32).to_le_bytes());
    let head = LENGTH + length;
    if let Some(rest) = start.get_mut(head..LENGTH + body) {
        rest.copy_from_slice(messages);
        return Ok(stream.write_all(&start[..LENGTH + body])?);
    }
    let mut parts = [IoSlice::new(&start[..head]), IoSlice::new(messages)];
    let mut left = parts.as_mut_slice();
    while !left.is_empty() {
        match stream.write_vectored(left) {
            Ok(0) => return Err(io::Error::from(ErrorKind::WriteZero).into()),
            Ok(written) => IoSlice::advance_slices(&mut left, written),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Takes the bytes of a frame apart: the turn, and the encoding of all messages as a sequence. Allocates
/// nothing.
///
/// # Errors
///
/// If they do not begin with a turn.
pub fn split(body: &[u8]) -> Result<(Turn, &[u8]), FrameError> {
    labgob::decode_prefix(body).map_err(|error| FrameError::Invalid(format!("failed to {error}")))
}

/// Decodes the bytes of a frame, without its length.
///
/// # Errors
///
/// If they are not a frame.
pub fn decode<M: DeserializeOwned>(body: &[u8]) -> Result<Frame<M>, FrameError> {
    labgob::decode(body).map_err(|error| FrameError::Invalid(format!("failed to {error}")))
}

pub(crate) fn cut_off(error: io::Error) -> FrameError {
    if error.kind() == ErrorKind::UnexpectedEof {
        FrameError::Invalid("a frame ends early".to_owned())
    } else {
        FrameError::Unreadable(error)
    }
}

pub(crate) fn too_long(length: usize) -> FrameError {
    FrameError::Invalid(format!("a frame has {length} bytes; at most {MAX_FRAME} are allowed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FrameReader, FromNode};

    fn next(reader: &mut FrameReader<&[u8]>) -> Result<Frame<FromNode>, FrameError> {
        reader.next_body().and_then(decode)
    }

    fn frame(messages: Vec<FromNode>) -> Frame<FromNode> {
        Frame {
            turn: Turn { now: 7, deadline: Some(9), events: 2, hash: 3, state: Some((4, true)) },
            messages,
        }
    }

    #[test]
    fn a_frame_arrives_as_it_was_sent() {
        let sent = frame(vec![FromNode::Started, FromNode::SnapshotBegins(9)]);
        let mut bytes = Vec::new();
        write(&mut bytes, &sent).unwrap();
        write(&mut bytes, &sent).unwrap();
        let mut reader = FrameReader::new(bytes.as_slice());
        assert_eq!(next(&mut reader).unwrap(), sent);
        assert_eq!(next(&mut reader).unwrap(), sent);
        assert!(matches!(next(&mut reader), Err(FrameError::Ended)));
    }

    #[test]
    fn a_frame_of_encoded_messages_is_the_same() {
        let save = FromNode::SnapshotBegins(u64::MAX);
        for messages in [vec![], vec![FromNode::Started; 3], vec![save; 300]] {
            for now in [0, 250, 251, u64::MAX] {
                let state = Some((now, now > 250));
                let turn = Turn { now, deadline: Some(now), events: now, hash: now, state };
                let encoded: Vec<u8> = messages.iter().flat_map(labgob::encode).collect();
                let mut bytes = Vec::new();
                write_encoded(&mut bytes, &turn, messages.len(), &encoded).unwrap();
                let frame = Frame { turn, messages: messages.clone() };
                assert_eq!(bytes, encode(&frame).unwrap());

                let (first, rest) = split(&bytes[LENGTH..]).unwrap();
                assert_eq!(first, turn);
                assert_eq!(labgob::decode::<Vec<FromNode>>(rest).unwrap(), messages);
            }
        }
        assert!(split(&[0xff]).is_err());
    }

    #[test]
    fn bytes_that_are_no_frame_are_refused() {
        let good = encode(&frame(vec![FromNode::Started])).unwrap();
        for cut in 1..good.len() {
            let error = next(&mut FrameReader::new(&good[..cut])).unwrap_err();
            assert_eq!(error.to_string(), "a frame ends early");
        }
        let huge = [0xff; 8];
        let error = next(&mut FrameReader::new(huge.as_slice())).unwrap_err().to_string();
        assert!(error.contains("4294967295 bytes"), "{error}");
        let mut changed = good;
        changed[6] = 0xfe;
        assert!(matches!(
            next(&mut FrameReader::new(changed.as_slice())),
            Err(FrameError::Invalid(_))
        ));
    }
}
