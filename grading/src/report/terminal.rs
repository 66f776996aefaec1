//! The summary on the terminal.

use std::io::Write;

use super::text::{show_adjustment, show_outcome};
use crate::foreign::Foreign;
use crate::points::show_points;
use crate::results::{Finding, Results, StudentResult};

/// The width of the summary.
const COLUMNS: usize = 80;

/// The longest part of a student's name that is shown.
const NAME_LIMIT: usize = 24;

/// Prints lines. It is not an error if nobody reads the output any more, as after `| head`.
pub(crate) fn say(lines: &str) {
    let _ = writeln!(std::io::stdout(), "{}", Foreign::new(lines).lines());
}

/// Prints lines to the standard error output.
pub(crate) fn complain(lines: &str) {
    let _ = writeln!(std::io::stderr(), "{}", Foreign::new(lines).lines());
}

/// A line for each student, and one for the whole class.
pub(crate) fn summary(results: &Results) -> String {
    let names = results.students.iter().map(|student| name(student).chars().count());
    let width = names.max().unwrap_or(0).max("student".len());
    let stages = &results.grading.stages;
    let columns: String = stages.iter().map(|stage| format!(" {stage:>4}")).collect();
    let mut lines = vec![format!("{:<width$}  points{columns}  what happened", "student")];
    lines.extend(results.students.iter().map(|student| row(student, stages, width)));
    lines.push(format!("\n{}", average(results)));
    lines.join("\n")
}

fn row(student: &StudentResult, stages: &[String], width: usize) -> String {
    let mut row = format!("{:<width$}  {:>6}", name(student), show_points(student.points));
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
    let verdict: String = verdict.chars().take(COLUMNS.saturating_sub(used)).collect();
    format!("{row}  {verdict}").trim_end().to_owned()
}

fn name(student: &StudentResult) -> String {
    let name = student.student.line();
    match name.char_indices().nth(NAME_LIMIT) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name,
    }
}

fn average(results: &Results) -> String {
    let points: Vec<f64> = results.students.iter().map(|student| student.points).collect();
    let mean = points.iter().sum::<f64>() / points.len().max(1) as f64;
    let possible = results.students.first().map_or(0.0, |student| student.possible);
    format!("{} submissions, average {mean:.1} of {} points", points.len(), show_points(possible))
}

/// The most important thing to know about a student's results.
fn verdict(student: &StudentResult) -> String {
    let outcome = show_outcome(student);
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
