//! The summary on the terminal.

use std::fmt::Write;
use std::io::Write as _;

use super::{show_outcome, show_points};
use crate::standing::{Finding, Results, Standing};

/// Prints a line. Nobody may be listening any more, as after `| head`: that is no reason to stop.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A line for each student, and one for all: at most 80 columns.
pub(crate) fn summary(results: &Results) -> String {
    let mut text = String::new();
    let width = results.students.iter().map(|standing| standing.student.chars().count());
    let width = width.max().unwrap_or(0).clamp(7, 24);
    let _ = write!(text, "{:<width$}  points", "student");
    for stage in &results.grading.stages {
        let _ = write!(text, " {stage:>4}");
    }
    let _ = writeln!(text, "  what happened");
    for standing in &results.students {
        let name: String = standing.student.chars().take(width).collect();
        let _ = write!(text, "{name:<width$}  {:>6}", show_points(standing.points));
        for stage in &results.grading.stages {
            let _ = write!(text, " {:>4}", show_points(standing.stage_points(stage)));
        }
        let used = width + 8 + 5 * results.grading.stages.len() + 2;
        let what: String = verdict(standing).chars().take(80_usize.saturating_sub(used)).collect();
        let _ = writeln!(text, "  {}", what.trim_end());
    }
    let graded: Vec<f64> = results.students.iter().map(|standing| standing.points).collect();
    let mean = graded.iter().sum::<f64>() / graded.len().max(1) as f64;
    let possible = results.students.first().map_or(0.0, |standing| standing.possible);
    let _ = write!(
        text,
        "\n{} submissions, {mean:.1} of {} points on average",
        graded.len(),
        show_points(possible)
    );
    text
}

/// The one thing to know of a student's results.
fn verdict(standing: &Standing) -> String {
    let outcome = show_outcome(standing);
    if !outcome.is_empty() {
        return outcome;
    }
    let worst = standing.worst();
    worst.map_or_else(String::new, |test| match test.finding {
        Finding::Flaky => format!("{} {}/{}", test.test, test.passed, test.runs),
        _ => {
            let class = test.failures.keys().next().map_or("", |class| class.describe());
            format!("{} {class}", test.test)
        }
    })
}
