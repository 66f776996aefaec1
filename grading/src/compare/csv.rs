//! A comparison as comma-separated values.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::comparison::{Comparison, Side, StudentChange};
use crate::files::reason;
use crate::points::{rounded, show_points};
use crate::spreadsheet;

const HEAD: [&str; 9] = [
    "student",
    "test",
    "points old",
    "points new",
    "change",
    "passed old",
    "runs old",
    "passed new",
    "runs new",
];

/// Writes a comparison to a new file that only its owner may read. The line of a student names no test.
///
/// # Errors
///
/// If the file exists or cannot be written.
pub(crate) fn write_csv(path: &Path, comparison: &Comparison) -> Result<(), String> {
    let mut lines = vec![HEAD.map(str::to_owned).to_vec()];
    lines.extend(comparison.changed.iter().flat_map(lines_of));
    for (side, students) in comparison.only.iter().enumerate() {
        let note = if side == 0 { "only in the old results" } else { "only in the new results" };
        let cells = |name: String| {
            [vec![name, note.to_owned()], vec![String::new(); HEAD.len() - 2]].concat()
        };
        lines.extend(students.iter().map(|student| cells(student.csv())));
    }
    let text = spreadsheet::table(lines)?;
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            format!("{} exists: remove it, or choose another --csv", path.display())
        }
        _ => format!("cannot write {}: {}", path.display(), reason(&error)),
    })
}

fn lines_of(student: &StudentChange) -> Vec<Vec<String>> {
    let name = student.student.csv();
    let total = student.points.map(|points| Some(Side { points, runs: None }));
    let causes = student.causes.iter().map(|cause| (cause.name.as_str(), cause.sides));
    let all = [("", total)].into_iter().chain(causes);
    all.map(|(test, sides)| line(&name, test, sides)).collect()
}

fn line(student: &str, test: &str, sides: [Option<Side>; 2]) -> Vec<String> {
    let points = sides.map(|side| side.map(|side| side.points));
    let change = points.map(|points| points.unwrap_or(0.0));
    let mut line = vec![student.to_owned(), test.to_owned()];
    line.extend(points.map(|points| points.map_or_else(String::new, show_points)));
    line.push(show_points(rounded(change[1] - change[0])));
    for side in sides {
        let runs = side.and_then(|side| side.runs);
        line.extend(
            [0, 1].map(|at: usize| runs.map_or_else(String::new, |runs| runs[at].to_string())),
        );
    }
    line
}
