//! What only this process knows of its part of a run, for the recording: what is in its messages, and what the
//! submission logs.

use std::cell::Cell;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use labrpc::{Leg, Value};
use recording::{Event, Happening, Raw};
use sim::Frame;

use crate::exit;

/// The longest text of a message, in bytes.
const LONGEST: usize = 10_000;

thread_local! {
    /// Whether this thread describes a value: then a panic is only a description less.
    static DESCRIBES: Cell<bool> = const { Cell::new(false) };
}

/// The recording, as this process adds to it. It is used outside of the simulation only.
pub(crate) struct Recording {
    file: File,
    /// When the test began, in nanoseconds since 1970.
    began: u64,
    server: String,
    /// The messages whose text is in the recording, as methods with hashes.
    known: Mutex<HashSet<(String, bool, u64)>>,
}

impl Recording {
    /// The recording to which this node is to add, if it was started with `--recording FILE`. `server` is what the
    /// network calls it.
    pub(crate) fn open(server: &str) -> Option<Arc<Self>> {
        let mut arguments = std::env::args_os().skip_while(|argument| argument != "--recording");
        let path = arguments.nth(1)?;
        match open(Path::new(&path)) {
            Ok((file, began)) => {
                let server = server.to_owned();
                Some(Arc::new(Recording { file, began, server, known: Mutex::default() }))
            }
            Err(error) => exit::broken(format!("cannot use {}: {error}", path.to_string_lossy())),
        }
    }

    /// From now on adds what is in messages.
    pub(crate) fn describe_messages(self: &Arc<Self>) {
        let recording = self.clone();
        labrpc::listen_to_values(move |value| sim::outside(|| recording.add_text(value)));
    }

    /// From now on adds where threads are interrupted.
    pub(crate) fn tell_interrupts(self: &Arc<Self>) {
        let recording = self.clone();
        sim::listen_to_interrupts(move |interruption| {
            // Outside of the submission, an interrupt tells a student nothing.
            if let Some(place) = interruption.frames.iter().find_map(place_in_submission) {
                let server = recording.server.clone();
                let what =
                    Happening::Interrupt { server, place, pause: nanoseconds(interruption.pause) };
                recording.write(&Raw::Event(Event { at: nanoseconds(interruption.at), what }));
            }
        });
    }

    fn add_text(&self, value: &Value<'_>) {
        let (method, hash) = (value.method.to_owned(), recording::hash(value.bytes));
        let key = (method.clone(), value.leg == Leg::Request, hash);
        if !self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(key) {
            return;
        }
        DESCRIBES.set(true);
        let text = panic::catch_unwind(AssertUnwindSafe(|| value.describe(LONGEST)));
        DESCRIBES.set(false);
        let leg = match value.leg {
            Leg::Request => recording::Leg::Request,
            Leg::Reply => recording::Leg::Reply,
        };
        if let Ok(text) = text {
            self.write(&Raw::Text { method, leg, hash, text });
        }
    }

    /// Adds a line that the submission logs; `at` is the virtual time, if there is one.
    pub(crate) fn add_log(&self, at: Option<Duration>, level: String, text: String, place: String) {
        let at = at
            .map(nanoseconds)
            .unwrap_or_else(|| recording::unix_time().saturating_sub(self.began));
        let what = Happening::Log { server: self.server.clone(), level, text, place };
        self.write(&Raw::Event(Event { at, what }));
    }

    /// One call for each line, so that lines of several processes do not mix. A full disk ends the recording and not
    /// the run.
    fn write(&self, raw: &Raw) {
        let _ = (&self.file).write_all(&raw.line());
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The folders of what students write.
const STUDENTS: [&str; 3] = ["kvraft/src/", "shardkv/src/", "raft/src/"];

/// Where a call is, if it is in what a student writes.
fn place_in_submission(frame: &Frame) -> Option<String> {
    let begin = STUDENTS.iter().find_map(|folder| frame.file.rfind(folder))?;
    // Without type parameters: they can be long.
    let path = frame.function.trim_start_matches('<').split('<').next().unwrap_or_default();
    let function = path.trim_end_matches("::").rsplit("::").next().unwrap_or_default();
    Some(format!("{}:{} {function}", &frame.file[begin..], frame.line))
}

/// The file, to add lines to it, and what its first line says.
fn open(path: &Path) -> io::Result<(File, u64)> {
    let file = File::options().read(true).append(true).open(path)?;
    let mut first = String::new();
    BufReader::new(&file).read_line(&mut first)?;
    match serde_json::from_str(&first) {
        Ok(Raw::Began { began }) => Ok((file, began)),
        _ => Err(io::Error::other("it is no recording")),
    }
}

/// Whether the calling thread describes a value for the recording.
pub(crate) fn is_describing() -> bool {
    DESCRIBES.get()
}
