//! Pages that show runs: each run is made once more, and recorded.

use std::io;
use std::path::{Path, PathBuf};

use recording::{Happening, Recording};
use records::{Class, LARGEST_PICTURE, SEED_PLACE};

use crate::process;
use crate::programs::Programs;
use crate::task::Task;
use crate::verdict::Ended;
use crate::{files, logs};

/// How many of the last events a failure shows, how many of them if it also shows threads, and how long their lines are.
const EVENTS: usize = 8;
const FEW_EVENTS: usize = 4;
const LINE: usize = 76;

/// Lets the report of a failed run say what its recording knows: the logs below the table of servers, and the last
/// events. If threads are stuck they need the room of the logs.
pub(crate) fn say_more(ended: &mut Ended, recording: &Recording) {
    let count = if ended.verdict.threads.is_empty() { EVENTS } else { FEW_EVENTS };
    let lines = recording.last_lines(count, LINE);
    let logs = logs::describe(&recording.events);
    let is_stuck = matches!(ended.verdict.class, Class::Deadlock | Class::Livelock);
    if !logs.is_empty() && !is_stuck {
        let state = std::mem::take(&mut ended.verdict.state);
        ended.verdict.state = format!("{}\n\n{logs}", state.trim_end());
    }
    ended.verdict.events = lines.iter().map(|line| format!("{line}\n")).collect();
}

/// Makes a run, and records it.
pub(crate) fn record(task: &Task, programs: &Programs, shows_output: bool) -> (Ended, Recording) {
    let task = Task { recording: true, ..task.clone() };
    let mut ended = process::run(&task, programs, shows_output);
    let parts = ended.recorded.take().unwrap_or_default();
    (ended, parts.assemble())
}

/// The page of a recorded run as a grader keeps it: not too large, and with [`SEED_PLACE`] in the place of the seed.
pub(crate) fn for_grader(mut recording: Recording) -> String {
    for event in &mut recording.events {
        if let Happening::Run { seed, .. } = &mut event.what {
            SEED_PLACE.clone_into(seed);
        }
    }
    recording::page_within(&recording, LARGEST_PICTURE as usize)
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
