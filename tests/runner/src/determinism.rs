//! Whether a seed replays a run.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use records::Class;

use crate::failure::Failure;
use crate::programs::Programs;
use crate::task::Task;
use crate::verdict::{Ended, Verdict};
use crate::{interrupt, pages, process};

/// Runs a test twice with the same seed. Both runs must have the same events. The second is recorded: that must not
/// change a run.
pub(crate) fn check(task: &Task, programs: &Programs, shows_output: bool) -> Ended {
    let first = process::run(task, programs, shows_output);
    if first.was_interrupted() {
        return first;
    }
    let (mut again, _) = pages::record(task, programs, shows_output);
    let outcome = |ended: &Ended| (ended.verdict.class, ended.verdict.simulated.clone());
    if again.was_interrupted() || outcome(&first) == outcome(&again) {
        return again;
    }
    let failure = Failure::new(
        Class::Nondeterministic,
        EXPECTED.to_owned(),
        difference(task, programs, &first, &again),
    );
    again.verdict = Verdict { simulated: first.verdict.simulated, ..Verdict::fail(failure) };
    again
}

const EXPECTED: &str = "two simulations from one seed have the same events. The schedule, the clocks and \
                        the random numbers are the same in both. A program makes them differ if it \
                        uses something else: an address in memory, the real time, a file, the \
                        environment";

/// Says where two runs differ.
fn difference(task: &Task, programs: &Programs, first: &Ended, again: &Ended) -> String {
    let outcomes = format!("two runs differed ({} and {})", describe(first), describe(again));
    match compare_traces(task, programs) {
        _ if interrupt::requested() => {
            format!("{outcomes}; the interrupt came before a comparison")
        }
        Ok(Some(difference)) => difference,
        Ok(None) => format!("{outcomes}, but two more runs with a trace did not"),
        Err(error) => format!("{outcomes}, but there is no trace of them: {error}"),
    }
}

fn describe(ended: &Ended) -> String {
    let class = ended.verdict.class.describe();
    match &ended.verdict.simulated {
        Some(run) => format!("{class} after {} events, hash {}", run.events, run.hash),
        None => class.to_owned(),
    }
}

/// Runs the test twice more and finds the first event that differs.
fn compare_traces(task: &Task, programs: &Programs) -> std::io::Result<Option<String>> {
    // In a folder that nobody else can write to.
    let folder = tempfile::tempdir()?;
    let paths = ["a", "b"].map(|name| folder.path().join(name));
    for path in &paths {
        process::run(&Task { trace: Some(path.clone()), ..task.clone() }, programs, false);
    }
    first_difference(&paths[0], &paths[1])
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
