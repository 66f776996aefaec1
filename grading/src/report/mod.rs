//! What instructors, students and their course systems get to see. Everything here is made from the log
//! and the rubric alone, and is the same whenever it is made from the same log.

mod dashboard;
mod database;
mod feedback;
mod gradebook;
mod gradescope;
mod junit;
mod terminal;
#[cfg(test)]
mod tests;

use std::path::Path;

use records::Class;

pub(crate) use gradescope::write_results;
pub(crate) use terminal::{say, summary};

use crate::rubric::Item;
use crate::runlog::{Entry, Outcome};
use crate::standing::{Finding, Results, Standing, TestStanding};

/// What may be told to students.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seeds {
    /// Nothing about them, so that they can grade again.
    Secret,
    /// Those that failed, so that students can replay their failures.
    Revealed,
}

/// Writes all reports of a grading beside its log.
///
/// # Errors
///
/// If the log makes no sense, or a report cannot be written; the message names it.
pub(crate) fn write_all(
    folder: &Path,
    entries: &[Entry],
    items: &[Item],
    seeds: Seeds,
) -> Result<Results, String> {
    let results = Results::of(entries, items)?;
    let database = database::write(&folder.join("results.db"), entries, &results)?;
    let summary = serde_json::to_string_pretty(&results).map_err(|error| error.to_string())?;
    write(&folder.join("summary.json"), &summary)?;
    write(&folder.join("gradebook.csv"), &gradebook::render(&results)?)?;
    write(&folder.join("dashboard.html"), &dashboard::render(&database, &results)?)?;
    for standing in &results.students {
        let own = folder.join("students").join(&standing.student);
        write(&own.join("feedback.md"), &feedback::markdown(standing, &results.grading, seeds)?)?;
        write(&own.join("feedback.html"), &feedback::html(standing, &results.grading, seeds)?)?;
        write(&own.join("junit.xml"), &junit::render(standing)?)?;
        write(&own.join("results.json"), &gradescope::render(standing, &results.grading, seeds)?)?;
    }
    Ok(results)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::create_dir_all(path.parent().unwrap_or(path))
        .and_then(|()| std::fs::write(path, text))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// Points as people write them.
fn show_points(points: f64) -> String {
    let text = format!("{points:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A count of passed runs with the interval that it leaves for the rate.
fn show_rate(test: &TestStanding) -> String {
    let rate = test.rate();
    format!(
        "{}/{} passed, {:.1}-{:.1} %",
        test.passed,
        test.runs,
        100.0 * rate.low,
        100.0 * rate.high
    )
}

/// What became of a test, in a word or two.
fn show_finding(test: &TestStanding) -> String {
    match &test.finding {
        Finding::Ok => "ok".to_owned(),
        Finding::Flaky => "flaky".to_owned(),
        Finding::Broken => "failed".to_owned(),
        Finding::NeedsOther(other) => format!("needs {other}"),
        Finding::NotJudged => "not judged".to_owned(),
    }
}

/// The failures of a test, the most frequent first.
fn show_failures(test: &TestStanding) -> String {
    let mut failures: Vec<_> = test.failures.iter().collect();
    failures.sort_by_key(|(class, count)| (std::cmp::Reverse(**count), **class));
    let show = |(class, count): (&Class, &u64)| format!("{count} x {}", class.describe());
    failures.into_iter().map(show).collect::<Vec<_>>().join(", ")
}

/// What a whole submission suffers from, if not from single tests.
fn show_outcome(standing: &Standing) -> String {
    match standing.outcome {
        Outcome::Built if standing.incomplete => "not complete: grade again".to_owned(),
        Outcome::Built => String::new(),
        other => other.describe().to_owned(),
    }
}

/// Where to look first.
fn hint(class: Class) -> &'static str {
    match class {
        Class::Deadlock => {
            "Some thread holds a lock for good. Look for a call or a send under your lock."
        }
        Class::NoProgress => {
            "Who led, and were the right servers connected? If terms race up, timeouts are too close \
             together or reset too seldom. If there is a leader, follow one command: accepted, sent, \
             matched, committed, applied."
        }
        Class::Invariant => {
            "Find the first server that went wrong, not the last, and the rule of Figure 2 that it broke."
        }
        Class::Inconsistent => {
            "Take the first answer that no order explains, and ask who gave it: a server that did not lead \
             any more, or one that had not applied all that was committed, or had applied something twice?"
        }
        Class::Undecided => {
            "Nobody could find out whether these answers are right. Yours are unusual: do Gets return what \
             was written?"
        }
        Class::Livelock | Class::Spin => {
            "Something is done over and over. Look for a loop that waits without blocking, and for \
             messages that cause each other."
        }
        Class::Panic => "The message names file and line of your code.",
        Class::Resource => {
            "Look for what grows without end: threads, a log that is never cut, output in a loop."
        }
        Class::Aborted | Class::Tampered | Class::Forbidden => {
            "Servers only talk to each other over the network that they are given. They do not end the \
             process, and ask nothing else of the system."
        }
        Class::Nondeterministic => {
            "The same seed gave different runs: an address in memory, or the like, leaks into decisions."
        }
        _ => "Read the expectation word by word: which server, which index, which term?",
    }
}
