//! The judge's part of the recording of a run, if one was asked for.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use recording::{Event, Happening, Raw};

static RECORDER: OnceLock<Recorder> = OnceLock::new();

struct Recorder {
    file: File,
    begun: Instant,
}

/// Begins the recording in an empty file; the nodes add their lines to the same one.
///
/// # Errors
///
/// If it cannot be written.
pub(crate) fn begin(path: &Path) -> io::Result<()> {
    File::create(path)?;
    let mut file = File::options().append(true).open(path)?;
    file.write_all(&Raw::Began { began: recording::unix_time() }.line())?;
    RECORDER.get_or_init(|| Recorder { file, begun: Instant::now() });
    Ok(())
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

fn write(raw: impl FnOnce(u64) -> Raw) {
    let Some(recorder) = RECORDER.get() else {
        return;
    };
    let simulated = sim::now();
    sim::outside(|| {
        let at: Duration = simulated.unwrap_or_else(|| recorder.begun.elapsed());
        let at = u64::try_from(at.as_nanos()).unwrap_or(u64::MAX);
        // One call for each line, so that lines of several processes do not mix. A full disk ends the recording and
        // not the run.
        let _ = (&recorder.file).write_all(&raw(at).line());
    });
}
