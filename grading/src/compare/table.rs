//! A comparison on the terminal.

use super::comparison::{Cause, Comparison, Side, StudentChange};
use crate::foreign::Foreign;
use crate::points::{rounded, show_change, show_points};

/// The width of the table.
const COLUMNS: usize = 80;

/// The widths of names and of passed runs. Three numbers follow.
const NAME: usize = 29;
const RUNS: usize = 24;
const NUMBER: usize = 9;

/// What the gradings were made with, and a line for each student and each test that has changed.
pub(crate) fn table(comparison: &Comparison) -> String {
    let mut lines = comparison.premises.clone();
    lines.push(String::new());
    if !comparison.changed.is_empty() {
        lines.push(line("", "runs passed", ["old", "new", "change"].map(str::to_owned)));
    }
    for student in &comparison.changed {
        add_student(&mut lines, student);
    }
    for (side, students) in ["old", "new"].into_iter().zip(&comparison.only) {
        let names: Vec<String> = students.iter().map(Foreign::line).collect();
        match names.len() {
            0 => {}
            1 => lines.push(cut(&format!("only in the {side} results: {}", names[0]))),
            count => lines.push(cut(&format!(
                "{count} are only in the {side} results: {}",
                names.join(", ")
            ))),
        }
    }
    lines.push(conclusion(comparison));
    lines.join("\n")
}

fn add_student(lines: &mut Vec<String>, student: &StudentChange) {
    let [old, new] = student.points.map(show_points);
    let change = show_change(student.change());
    lines.push(line(&student.student.line(), "", [old, new, change]));
    match student.outcomes {
        Some([old, new]) => {
            lines.push(cut(&format!("  {} -> {}", old.describe(), new.describe())));
        }
        None => lines.extend(student.causes.iter().map(cause)),
    }
}

fn cause(cause: &Cause) -> String {
    let points = |side: Option<Side>| side.map_or(0.0, |side| side.points);
    let [old, new] = cause.sides.map(points);
    let numbers = [show_points(old), show_points(new), show_change(rounded(new - old))];
    let runs = |side: Option<Side>| match side {
        None => Some("-".to_owned()),
        Some(Side { runs, .. }) => runs.map(|[passed, runs]| format!("{passed}/{runs}")),
    };
    let runs = match cause.sides.map(runs) {
        [Some(old), Some(new)] => format!("{old} -> {new}"),
        _ => String::new(),
    };
    line(&format!("  {}", cause.name), &runs, numbers)
}

/// A line of the table. If the name is too long, the rest has a line of its own.
fn line(name: &str, runs: &str, numbers: [String; 3]) -> String {
    let numbers: String = numbers.iter().map(|number| format!("{number:>NUMBER$}")).collect();
    let (above, name) =
        if name.chars().count() <= NAME { (String::new(), name) } else { (cut(name) + "\n", "") };
    format!("{above}{name:<NAME$}{runs:<RUNS$}{numbers}")
}

/// How many students have other points, and by how much they differ.
pub(crate) fn conclusion(comparison: &Comparison) -> String {
    let in_both = comparison.in_both;
    let changes = comparison.changed.iter().map(StudentChange::change);
    let changes: Vec<f64> = changes.filter(|change| *change != 0.0).collect();
    let low = changes.iter().copied().reduce(f64::min);
    let high = changes.iter().copied().reduce(f64::max);
    match (low, high) {
        (Some(low), Some(high)) if low == high => {
            format!(
                "{} of {in_both} students have other points, by {}",
                changes.len(),
                show_change(low)
            )
        }
        (Some(low), Some(high)) => format!(
            "{} of {in_both} students have other points, from {} to {}",
            changes.len(),
            show_change(low),
            show_change(high)
        ),
        _ => format!("0 of {in_both} students have other points"),
    }
}

/// The text, as far as it fits into a line.
fn cut(text: &str) -> String {
    if text.chars().count() <= COLUMNS {
        return text.to_owned();
    }
    text.chars().take(COLUMNS - 1).chain(['\u{2026}']).collect()
}
