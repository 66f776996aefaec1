//! Pages that show runs: each run is made once more, and recorded.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use recording::Recording;

use crate::files;
use crate::process;
use crate::programs::Programs;
use crate::task::Task;
use crate::verdict::Ended;

/// How many of the last events a failure shows, and how long their lines are.
const EVENTS: usize = 10;
const LINE: usize = 76;

/// Lets the last events of a failed run say what its recording knows.
pub(crate) fn say_more(ended: &mut Ended, recording: &Recording) {
    let lines = recording.last_lines(EVENTS, LINE);
    ended.verdict.events = lines.iter().map(|line| format!("{line}\n")).collect();
}

/// Makes a run, and records it.
///
/// # Errors
///
/// If the recording cannot be written or read.
pub(crate) fn record(
    task: &Task,
    programs: &Programs,
    shows_output: bool,
) -> io::Result<(Ended, Recording)> {
    let (test, seed) = (task.case.id().replace("::", "-"), task.seed);
    let name = format!("recording-{}-{test}-{seed}", std::process::id());
    let path = std::env::temp_dir().join(name);
    let task = Task { recording: Some(path.clone()), ..task.clone() };
    let ended = process::run(&task, programs, shows_output);
    let recording = read(&path);
    // Nobody else needs it.
    let _ = std::fs::remove_file(&path);
    Ok((ended, recording?))
}

fn read(path: &Path) -> io::Result<Recording> {
    Ok(Recording::assemble(BufReader::new(File::open(path)?)))
}

/// Writes the page of a recorded run, and returns its path.
///
/// # Errors
///
/// If it cannot be written.
pub(crate) fn write(task: &Task, recording: &Recording) -> io::Result<PathBuf> {
    let name = format!("{}-{}-{}.html", task.case.stage, task.case.name, task.seed);
    files::write(&name, recording::page(recording).as_bytes())
}

/// A path as it is shown: from here, if it is below.
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}
