//! Messages that have come with the turn and wait for the thread that receives.

use parking_lot::Mutex;
use protocol::ToNode;

/// Messages that have come with the turn, as they came. The host of the simulation fills it from outside of
/// the simulation, and the receiving thread empties it.
#[derive(Default)]
pub(crate) struct Inbox {
    /// For each frame its length in four bytes, the lowest first, and the encoding of its messages. The lock is
    /// held only where no other thread can run. This memory never belongs to the simulated heap.
    frames: Mutex<Vec<u8>>,
}

impl Inbox {
    /// Adds the messages of a frame, encoded as a sequence.
    pub(crate) fn add(&self, messages: &[u8]) {
        let mut frames = self.frames.try_lock().expect("no thread can run while another receives");
        let length = u32::try_from(messages.len()).expect("a frame is not that long");
        frames.extend_from_slice(&length.to_le_bytes());
        frames.extend_from_slice(messages);
    }

    /// Takes all messages.
    ///
    /// # Errors
    ///
    /// If the bytes are not messages.
    pub(crate) fn take(&self) -> Result<Vec<ToNode>, labgob::DecodeError> {
        sim::uninterrupted(|| {
            let mut frames = self.frames.lock();
            let mut messages = Vec::new();
            let mut left = frames.as_slice();
            while let Some((length, rest)) = left.split_first_chunk() {
                let (frame, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
                messages.append(&mut ToNode::decode_all(frame)?);
                left = rest;
            }
            frames.clear();
            Ok(messages)
        })
    }
}
