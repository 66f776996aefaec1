//! Whether a seed replays.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use records::Class;

use crate::plan::Task;
use crate::process::{self, Ended};
use crate::verdict::{Failure, Verdict};

/// Runs a test twice with the same seed. The runs must be the same, event for event.
pub(crate) fn check(task: &Task, show_output: bool) -> Ended {
    let first = process::run(task, show_output);
    let mut again = process::run(task, show_output);
    let outcome = |ended: &Ended| (ended.verdict.class, ended.verdict.simulated.clone());
    if outcome(&first) == outcome(&again) {
        return again;
    }
    let seen = match compare_traces(task) {
        Ok(Some(difference)) => difference,
        Ok(None) => format!(
            "two runs differed ({} and {}), but two more that were written down did not",
            describe(&first),
            describe(&again)
        ),
        Err(error) => format!("two runs differed, and could not be written down: {error}"),
    };
    let expected = "two simulations from one seed are the same, event for event. What is the same in \
                    both: the schedule, the clocks, the random numbers. A program makes them differ by \
                    what it gets past those: an address in memory, the real time from elsewhere, a \
                    file, the environment"
        .to_owned();
    let failure = Failure::new(Class::Nondeterministic, expected, seen);
    again.verdict =
        Verdict { simulated: first.verdict.simulated, ..Verdict::fail(failure, String::new()) };
    again
}

fn describe(ended: &Ended) -> String {
    let class = ended.verdict.class.describe();
    match &ended.verdict.simulated {
        Some(run) => format!("{class} after {} events, hash {}", run.events, run.hash),
        None => class.to_owned(),
    }
}

/// Runs the test twice more and looks for the first event that differs.
fn compare_traces(task: &Task) -> std::io::Result<Option<String>> {
    let paths = ["a", "b"].map(|name| trace_path(task, name));
    for path in &paths {
        process::run(&Task { trace: Some(path.clone()), ..task.clone() }, false);
    }
    let difference = first_difference(&paths[0], &paths[1]);
    for path in &paths {
        // It may never have been written.
        let _ = std::fs::remove_file(path);
    }
    difference
}

fn trace_path(task: &Task, name: &str) -> PathBuf {
    let test = task.case.id().replace("::", "-");
    let (process, seed) = (std::process::id(), task.seed);
    std::env::temp_dir().join(format!("trace-{process}-{test}-{seed}-{name}"))
}

fn first_difference(first: &Path, second: &Path) -> std::io::Result<Option<String>> {
    let mut lines = [first, second].map(|path| File::open(path).map(BufReader::new)).into_iter();
    let (Some(first), Some(second)) = (lines.next(), lines.next()) else {
        return Ok(None);
    };
    let (mut first, mut second) = (first?.lines(), second?.lines());
    let mut number = 0;
    loop {
        number += 1;
        match (first.next().transpose()?, second.next().transpose()?) {
            (None, None) => return Ok(None),
            (one, other) if one == other => {}
            (one, other) => {
                let end = || "the end".to_owned();
                return Ok(Some(format!(
                    "event {number} is, in one run,\n{}\nand in the other\n{}",
                    one.unwrap_or_else(end),
                    other.unwrap_or_else(end)
                )));
            }
        }
    }
}
