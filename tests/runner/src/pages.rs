//! Pages that show runs: each run is made once more, and recorded.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use recording::{Happening, Recording};
use records::{Class, Clock, SEED_PLACE};

use crate::files;
use crate::process;
use crate::programs::Programs;
use crate::task::Task;
use crate::verdict::Ended;

/// How many of the last events a failure shows, and how long their lines are.
const EVENTS: usize = 10;
const LINE: usize = 76;

/// How large a page for a grader is at most, in bytes.
const LARGEST: usize = 3 << 20;

/// Pages of failed simulated runs: of the first of each test.
#[derive(Default)]
pub(crate) struct Pages {
    /// The tests that have one.
    tests: Mutex<BTreeSet<String>>,
}

impl Pages {
    /// Makes the page of a run that has ended, if it is due. From then on the run's last events say more.
    pub(crate) fn add(&self, task: &Task, ended: &mut Ended, programs: &Programs) {
        let class = ended.verdict.class;
        let is_about_submission = !matches!(
            class,
            Class::Pass | Class::Fault | Class::Interrupted | Class::Nondeterministic
        );
        if task.clock != Clock::Sim
            || !is_about_submission
            || !self.tests.lock().insert(task.case.id())
        {
            return;
        }
        let (again, recording) = record(task, programs, false);
        if again.verdict.simulated != ended.verdict.simulated {
            let other = "the run was another one when it was made once more";
            ended.page = Some(Err(other.to_owned()));
            return;
        }
        say_more(ended, &recording);
        ended.page = Some(write(task, &recording).map_err(|error| error.to_string()));
    }
}

/// Lets the last events of a failed run say what its recording knows.
pub(crate) fn say_more(ended: &mut Ended, recording: &Recording) {
    let lines = recording.last_lines(EVENTS, LINE);
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
    recording::page_within(&recording, LARGEST)
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
