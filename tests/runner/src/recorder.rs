//! The judge's part of the recording of a run, if one was asked for.

use std::fs::File;
use std::io::Write;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use recording::{Event, Happening, Raw};

static RECORDER: OnceLock<Recorder> = OnceLock::new();

struct Recorder {
    /// Where the runner reads. Held while a line is written, so that lines of several threads do not mix.
    pipe: Mutex<File>,
    begun: Instant,
}

/// Begins the recording with this, if the runner asks for one.
pub(crate) fn begin(happening: impl FnOnce() -> Happening) {
    if let Some(pipe) = isolation::inherited() {
        let pipe = Mutex::new(File::from(pipe));
        let recorder = RECORDER.get_or_init(|| Recorder { pipe, begun: Instant::now() });
        recorder.write(&Raw::Began { began: recording::unix_time() });
        recorder.write(&Raw::Event(Event { at: 0, what: happening() }));
    }
}

/// Records what happens now. Without a recording `happening` is not called, and with one it is called outside of
/// the simulation: a run is the same with and without.
pub fn record(happening: impl FnOnce() -> Happening) {
    write(|at| Raw::Event(Event { at, what: happening() }));
}

/// Records that a message with these bytes is sent.
pub fn record_sent(bytes: &[u8], happening: impl FnOnce() -> Happening) {
    write(|at| Raw::Sent { event: Event { at, what: happening() }, hash: recording::hash(bytes) });
}

/// Records a save of this state, and of this snapshot if it is new.
pub fn record_save(state: &[u8], snapshot: Option<&[u8]>, happening: impl FnOnce() -> Happening) {
    write(|at| Raw::Saved {
        event: Event { at, what: happening() },
        state_hash: recording::hash(state),
        snapshot_hash: snapshot.map(recording::hash),
    });
}

fn write(raw: impl FnOnce(u64) -> Raw) {
    let Some(recorder) = RECORDER.get() else {
        return;
    };
    let simulated = sim::now();
    sim::outside(|| {
        let at: Duration = simulated.unwrap_or_else(|| recorder.begun.elapsed());
        let at = u64::try_from(at.as_nanos()).unwrap_or(u64::MAX);
        recorder.write(&raw(at));
    });
}

impl Recorder {
    fn write(&self, raw: &Raw) {
        // The runner may have heard enough: that ends the recording and not the run.
        let _ = self.pipe.lock().write_all(&recording::line(raw));
    }
}
