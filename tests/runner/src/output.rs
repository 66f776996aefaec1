//! What the processes of a run print.

use std::collections::VecDeque;
use std::io::{self, PipeReader, PipeWriter, Read, Write, pipe};

/// How much of the output is kept, in bytes: its last part.
const KEPT: usize = 64 << 10;

/// How much is read at once at most, in bytes: whoever prints without end must not hold up all else.
const AT_ONCE: usize = 1 << 20;

/// A pipe for the output of one process or of several. Reading from it never waits.
///
/// # Errors
///
/// If the system has none.
pub(crate) fn new_pipe() -> io::Result<(PipeReader, PipeWriter)> {
    let (reader, writer) = pipe()?;
    // The other end has a mode of its own.
    rustix::io::ioctl_fionbio(&reader, true)?;
    Ok((reader, writer))
}

/// What the processes of a run have printed so far.
pub(crate) struct Output {
    total: u64,
    last: VecDeque<u8>,
    /// Whether it is shown as it comes.
    is_shown: bool,
    chunk: Vec<u8>,
}

impl Output {
    pub(crate) fn new(is_shown: bool) -> Self {
        Output { total: 0, last: VecDeque::new(), is_shown, chunk: vec![0; 64 << 10] }
    }

    /// Takes in what is in the pipe. Says whether more can come.
    pub(crate) fn read(&mut self, mut pipe: &PipeReader) -> bool {
        for _ in 0..AT_ONCE / self.chunk.len() {
            match pipe.read(&mut self.chunk) {
                Ok(0) => return false,
                Ok(count) => self.add(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
            }
        }
        true
    }

    fn add(&mut self, count: usize) {
        let chunk = &self.chunk[..count];
        self.total += count as u64;
        if self.is_shown {
            // The reader may be gone, as after `| head`: that is no reason to stop.
            let _ = io::stdout().write_all(chunk);
        }
        self.last.extend(chunk);
        let excess = self.last.len().saturating_sub(KEPT);
        self.last.drain(..excess);
    }

    /// How much was printed, in bytes.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// The last part of the output.
    pub(crate) fn last_part(&self) -> String {
        let bytes: Vec<u8> = self.last.iter().copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
