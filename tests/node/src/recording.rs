//! What only this process knows of its part of a run, for the recording: what is in its messages, and what the
//! submission logs.

use std::cell::Cell;
use std::collections::HashSet;
use std::fs::File;
use std::io::Write;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use labrpc::{Leg, Value};
use recording::{Claim, Moment};

use crate::text::cut;

/// The longest text of a message or of a line of the log, in bytes.
const LONGEST: usize = 10_000;

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
}

impl Recording {
    /// The recording to which this node is to add, if the run is recorded.
    pub(crate) fn open() -> Option<Arc<Self>> {
        let pipe = Mutex::new(File::from(isolation::inherited()?));
        Some(Arc::new(Recording { pipe, known: Mutex::default() }))
    }

    /// From now on adds what is in messages.
    pub(crate) fn describe_messages(self: &Arc<Self>) {
        let recording = self.clone();
        labrpc::listen_to_values(move |value| sim::outside(|| recording.add_text(value)));
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
            self.say(&Claim::Text { method, leg, hash, text });
        }
    }

    /// Adds a line that the submission logs; `at` is the virtual time, if there is one.
    pub(crate) fn add_log(&self, at: Option<Duration>, level: String, text: &str, place: String) {
        let at = match at {
            Some(at) => Moment::Virtual(u64::try_from(at.as_nanos()).unwrap_or(u64::MAX)),
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

/// Whether the calling thread describes a value for the recording.
pub(crate) fn is_describing() -> bool {
    DESCRIBES.get()
}
