//! The summary on the terminal.

use std::io::Write;

use super::text::{show_adjustment, show_outcome};
use crate::counted::counted;
use crate::foreign::Foreign;
use crate::names::list;
use crate::points::{show_mean, show_points};
use crate::results::{Finding, Results, StudentResult};
use crate::runlog::Outcome;

/// The width of the summary.
const COLUMNS: usize = 80;

/// The longest part of a student's name that is shown.
const NAME_LIMIT: usize = 24;

/// The same beside the columns of many stages.
const SHORT_NAME_LIMIT: usize = 16;

/// More stages than these are many.
const MANY_STAGES: usize = 4;

/// Prints lines. It is not an error if nobody reads the output any more, as after `| head`.
pub(crate) fn say(lines: &str) {
    let _ = writeln!(std::io::stdout(), "{}", Foreign::new(lines).lines());
}

/// Prints lines to the standard error output.
pub(crate) fn complain(lines: &str) {
    let _ = writeln!(std::io::stderr(), "{}", Foreign::new(lines).lines());
}

/// A line for each student who has handed something in, one for the whole class, and who has handed in nothing.
pub(crate) fn summary(results: &Results) -> String {
    let stages = &results.grading.stages;
    let limit = if stages.len() > MANY_STAGES { SHORT_NAME_LIMIT } else { NAME_LIMIT };
    let names = results.handed_in().map(|student| name(student, limit).chars().count());
    let width = names.max().unwrap_or(0).max("student".len());
    let columns: String = stages.iter().map(|stage| format!(" {stage:>4}")).collect();
    let mut lines = vec![format!("{:<width$}  points{columns}  what happened", "student")];
    lines.extend(results.handed_in().map(|student| row(student, stages, (limit, width))));
    lines.push(format!("\n{}", average(results)));
    let missing: Vec<String> = results.missing().map(|student| name(student, NAME_LIMIT)).collect();
    if !missing.is_empty() {
        lines.push(format!("{} handed in nothing: {}", missing.len(), list(&missing)));
    }
    lines.join("\n")
}

/// The row of a student. The name is cut at the first of these numbers, and its column is as wide as the second.
fn row(student: &StudentResult, stages: &[String], (limit, width): (usize, usize)) -> String {
    let mut row = format!("{:<width$}  {:>6}", name(student, limit), show_points(student.points));
    for stage in stages {
        row.push_str(&format!(" {:>4}", show_points(student.stage_points(stage))));
    }
    let used = width + 8 + 5 * stages.len() + 2;
    let adjustment = show_adjustment(student);
    let verdict = match adjustment.as_str() {
        "" => verdict(student),
        change => format!("{change} adjusted; {}", verdict(student)),
    };
    let verdict = verdict.trim_end_matches("; ");
    let verdict = shorten(verdict, COLUMNS.saturating_sub(used + 1));
    format!("{row}  {verdict}").trim_end().to_owned()
}

fn name(student: &StudentResult, limit: usize) -> String {
    shorten(&student.student.line(), limit)
}

/// A text with at most so many characters, and one more that says that it goes on.
fn shorten(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The class in a line, and in a second one what is not final about it.
fn average(results: &Results) -> String {
    // As on the dashboard, whoever lacks runs does not count.
    let whole = results.handed_in().filter(|student| !student.incomplete);
    let points: Vec<f64> = whole.map(|student| student.points).collect();
    let possible = results.students.first().map_or(0.0, |student| student.possible);
    let (graded, waiting) = (results.handed_in().count(), results.waiting.len());
    if graded == 0 {
        return format!("0 of {}", counted(waiting, "submission"));
    }
    let count = match waiting {
        0 => counted(graded, "submission"),
        _ => format!("{graded} of {} submissions", graded + waiting),
    };
    let of_whom = match points.len() {
        whole if whole == graded => String::new(),
        whole => format!(" over {whole} of them"),
    };
    let average = match show_mean(&points) {
        None => count,
        Some(mean) => {
            format!("{count}, average {mean} of {} points{of_whom}", show_points(possible))
        }
    };
    let incomplete = results.students.iter().filter(|student| student.incomplete).count();
    let mut reasons = Vec::new();
    if waiting > 0 {
        let have = if waiting == 1 { "has" } else { "have" };
        reasons.push(format!("{waiting} {have} not been graded yet"));
    }
    if incomplete > 0 {
        let lack = if incomplete == 1 { "lacks" } else { "lack" };
        reasons.push(format!("{incomplete} {lack} runs"));
    }
    match reasons.is_empty() {
        true => average,
        false => format!("{average}\nnot final: {}", reasons.join(", ")),
    }
}

/// The most important thing to know about a student's results.
fn verdict(student: &StudentResult) -> String {
    let outcome = show_outcome(student);
    if student.outcome == Outcome::Unreadable {
        return format!("{outcome}: {}", student.message.line());
    }
    if !outcome.is_empty() {
        return outcome;
    }
    student.worst().map_or_else(String::new, |test| match test.finding {
        Finding::Flaky => format!("{} {}/{}", test.test, test.passed, test.runs),
        _ => {
            let class = test.failures.keys().next().map_or("", |class| class.describe());
            format!("{} {class}", test.test)
        }
    })
}
