//! What a child prints.

use std::collections::VecDeque;
use std::io::{PipeReader, Read, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;

/// How much of the output is kept, in bytes: its last part.
const KEPT: usize = 64 << 10;

/// What a child has printed so far.
#[derive(Default)]
pub(crate) struct Output {
    total: AtomicU64,
    last: Mutex<VecDeque<u8>>,
    has_ended: AtomicBool,
}

impl Output {
    /// Reads all that the child prints.
    pub(crate) fn drain(&self, mut reader: PipeReader, show: bool) {
        let mut chunk = vec![0; 1 << 16];
        while let Ok(count) = reader.read(&mut chunk)
            && count > 0
        {
            self.total.fetch_add(count as u64, Ordering::Relaxed);
            if show {
                let _ = std::io::stdout().write_all(&chunk[..count]);
            }
            let mut last = self.last.lock();
            last.extend(&chunk[..count]);
            let excess = last.len().saturating_sub(KEPT);
            last.drain(..excess);
        }
        self.has_ended.store(true, Ordering::Release);
    }

    /// How much was printed, in bytes.
    pub(crate) fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    /// Waits half a second at most for the last of the output: a process that has left the child's group
    /// may keep the pipe open.
    pub(crate) fn await_end(&self) {
        for _ in 0..500 {
            if self.has_ended.load(Ordering::Acquire) {
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// The last part of the output.
    pub(crate) fn last_part(&self) -> String {
        let bytes: Vec<u8> = self.last.lock().iter().copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
