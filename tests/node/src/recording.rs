//! What only this process knows of its part of a run, for the recording: what is in its messages, and what the
//! submission logs.

use std::cell::Cell;
use std::collections::HashSet;
use std::fs::File;
use std::io::Write;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use labgob::Encoded;
use labrpc::{Leg, Value};
use recording::{Claim, Moment, place_in_submission};
use sim::Frame;

use crate::text::{abridge, cut};

/// The longest text of a message or of a line of the log, in bytes.
const LONGEST: usize = 10_000;

/// How much of a description of saved bytes or of a command is looked at, and how long its beginning and its end are
/// that are kept, in bytes.
const LONGEST_ENCODED: usize = 200_000;
const KEPT_ENCODED: usize = 2_000;

thread_local! {
    /// Whether this thread describes a value: then a panic is only a description less.
    static DESCRIBES: Cell<bool> = const { Cell::new(false) };
}

/// The recording, as this process adds to it. It is used outside of the simulation only.
pub(crate) struct Recording {
    /// Where the runner reads. Held while a line is written, so that lines of several threads do not mix.
    pipe: Mutex<File>,
    /// The messages whose text is in the recording, as methods with hashes.
    known: Mutex<HashSet<(String, bool, u64)>>,
    /// The hashes of other bytes whose text is in the recording.
    encoded: Mutex<HashSet<u64>>,
}

impl Recording {
    /// The recording to which this node is to add, if the run is recorded.
    pub(crate) fn open() -> Option<Arc<Self>> {
        let pipe = Mutex::new(File::from(isolation::inherited()?));
        Some(Arc::new(Recording { pipe, known: Mutex::default(), encoded: Mutex::default() }))
    }

    /// From now on adds what is in messages.
    pub(crate) fn describe_messages(self: &Arc<Self>) {
        let recording = self.clone();
        labrpc::listen_to_values(move |value| sim::outside(|| recording.add_text(value)));
    }

    /// From now on adds what is in other bytes that are encoded: those that are saved, and commands.
    pub(crate) fn describe_encodings(self: &Arc<Self>) {
        let recording = self.clone();
        labgob::listen_to_encodings(move |encoded| {
            sim::outside(|| recording.add_encoding(encoded));
        });
    }

    /// From now on adds where threads are interrupted.
    pub(crate) fn tell_interrupts(self: &Arc<Self>) {
        let recording = self.clone();
        sim::listen_to_interrupts(move |interruption| {
            // Outside of the submission, an interrupt tells a student nothing.
            if let Some(place) = interruption.frames.iter().find_map(place_of_call) {
                let [at, pause] = [interruption.at, interruption.pause].map(nanoseconds);
                recording.say(&Claim::Interrupt { at: Moment::Virtual(at), place, pause });
            }
        });
    }

    fn add_text(&self, value: &Value<'_>) {
        let (method, hash) = (value.method.to_owned(), recording::hash(value.bytes));
        let key = (method.clone(), value.leg == Leg::Request, hash);
        if !self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(key) {
            return;
        }
        let text = describe(|| value.describe(LONGEST));
        let leg = match value.leg {
            Leg::Request => recording::Leg::Request,
            Leg::Reply => recording::Leg::Reply,
        };
        if let Some(text) = text {
            self.say(&Claim::Text { method, leg, hash, text });
        }
    }

    fn add_encoding(&self, encoded: &Encoded<'_>) {
        let hash = recording::hash(encoded.bytes);
        if !self.encoded.lock().unwrap_or_else(PoisonError::into_inner).insert(hash) {
            return;
        }
        if let Some(text) = describe(|| encoded.describe(LONGEST_ENCODED)) {
            self.say(&Claim::Encoded { hash, text: abridge(&text, KEPT_ENCODED) });
        }
    }

    /// Adds a line that the submission logs; `at` is the virtual time, if there is one.
    pub(crate) fn add_log(&self, at: Option<Duration>, level: String, text: &str, place: String) {
        let at = match at {
            Some(at) => Moment::Virtual(nanoseconds(at)),
            None => Moment::Unix(recording::unix_time()),
        };
        let text = cut(text, LONGEST);
        self.say(&Claim::Log { at, level, text, place });
    }

    fn say(&self, claim: &Claim) {
        let mut pipe = self.pipe.lock().unwrap_or_else(PoisonError::into_inner);
        // The runner may have heard enough: that ends the recording and not the run.
        let _ = pipe.write_all(&recording::line(claim));
    }
}

/// The description of a value, unless its `Serialize` implementation panics.
fn describe(describe: impl FnOnce() -> String) -> Option<String> {
    DESCRIBES.set(true);
    let text = panic::catch_unwind(AssertUnwindSafe(describe));
    DESCRIBES.set(false);
    text.ok()
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Where a call is, if it is in what a student writes.
fn place_of_call(frame: &Frame) -> Option<String> {
    let file = place_in_submission(&frame.file)?;
    // Without type parameters: they can be long.
    let path = frame.function.trim_start_matches('<').split('<').next().unwrap_or_default();
    let function = path.trim_end_matches("::").rsplit("::").next().unwrap_or_default();
    Some(format!("{file}:{} {function}", frame.line))
}

/// Whether the calling thread describes a value for the recording.
pub(crate) fn is_describing() -> bool {
    DESCRIBES.get()
}
