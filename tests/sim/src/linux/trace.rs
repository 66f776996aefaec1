//! The events of a simulation: always counted and hashed, and written to a file on request.

use std::fmt::{self, Write as _};
use std::io::Write as _;

use crate::simulation::TraceFile;

/// What a thread did, or what happened to it. The comments name the detail that goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It was given the token.
    Run,
    /// It read a clock.
    Clock,
    /// It took random bytes: how many.
    Random,
    /// It started a thread: its number.
    Spawn,
    /// It waits for a lock, a condition, a channel or the like: until when, or 0.
    Wait,
    /// It woke threads: how many.
    Wake,
    /// It sleeps: until when.
    Sleep,
    /// It waits for the end of a thread.
    Join,
    /// It yielded.
    Yield,
    /// It was interrupted, and others may run first.
    Interrupt,
    /// It ended.
    End,
    /// The program noted something: its key.
    Note,
}

impl Kind {
    fn describe(self, detail: u64, to: &mut Line) -> fmt::Result {
        match self {
            Kind::Run => write!(to, "runs"),
            Kind::Clock => write!(to, "reads the clock"),
            Kind::Random => write!(to, "takes {detail} random bytes"),
            Kind::Spawn => write!(to, "starts thread {detail}"),
            Kind::Wait if detail > 0 => write!(to, "waits, at most until {}", Time(detail)),
            Kind::Wait => write!(to, "waits"),
            Kind::Wake => write!(to, "wakes {detail} threads"),
            Kind::Sleep => write!(to, "sleeps until {}", Time(detail)),
            Kind::Join => write!(to, "waits for the end of a thread"),
            Kind::Yield => write!(to, "yields"),
            Kind::Interrupt => write!(to, "is interrupted"),
            Kind::End => write!(to, "ends"),
            Kind::Note => write!(to, "notes {detail:x}"),
        }
    }
}

/// The events of a simulation: their number, and a hash of all of them in order.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    pub(crate) events: u64,
    pub(crate) hash: u64,
    file: Option<TraceFile>,
}

impl Trace {
    /// A trace that also writes a line for each event to `file`.
    pub(crate) fn new(file: Option<TraceFile>) -> Self {
        Trace { events: 0, hash: 0, file }
    }

    pub(crate) fn add(&mut self, at: u64, thread: u64, kind: Kind, detail: u64) {
        self.fold(at, thread, kind, detail);
        if self.file.is_some() {
            self.write(at, thread, |line| kind.describe(detail, line));
        }
    }

    /// Adds a note of the program. Only `key` counts for the hash.
    pub(crate) fn note(&mut self, at: u64, thread: u64, key: u64, text: fmt::Arguments<'_>) {
        self.fold(at, thread, Kind::Note, key);
        if self.file.is_some() {
            self.write(at, thread, |line| line.write_fmt(text));
        }
    }

    fn fold(&mut self, at: u64, thread: u64, kind: Kind, detail: u64) {
        self.events += 1;
        for word in [at, thread << 8 | kind as u64, detail] {
            // Rotate and multiply, as FxHash does: fast, and a single difference is never lost.
            self.hash = (self.hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
        }
    }

    /// Writes a line without allocating: writing a trace must not change the run.
    fn write(&mut self, at: u64, thread: u64, describe: impl FnOnce(&mut Line) -> fmt::Result) {
        let Some(TraceFile { file, name }) = &mut self.file else {
            return;
        };
        let mut line = Line { bytes: [0; 240], length: 0 };
        let comma = if name.is_empty() { "" } else { ", " };
        // A line that is too long is cut off.
        let _ = write!(line, "{} {name}{comma}thread {thread} ", Time(at))
            .and_then(|()| describe(&mut line));
        line.bytes[line.length] = b'\n';
        // A full disk shortens the trace, not the run.
        let _ = file.write_all(&line.bytes[..=line.length]);
    }
}

/// A time as traces show it: seconds with nine decimals.
struct Time(u64);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:09}", self.0 / 1_000_000_000, self.0 % 1_000_000_000)
    }
}

/// A line of a written trace, as far as it fits.
struct Line {
    bytes: [u8; 240],
    length: usize,
}

impl fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // The last byte is reserved for the end of the line.
        let room = self.bytes.len() - 1 - self.length;
        let count = text.len().min(room);
        self.bytes[self.length..][..count].copy_from_slice(&text.as_bytes()[..count]);
        self.length += count;
        if count < text.len() { Err(fmt::Error) } else { Ok(()) }
    }
}
