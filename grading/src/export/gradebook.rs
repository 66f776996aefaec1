//! What the gradebooks of all course systems have in common.

use std::path::Path;

use super::class::{Member, Members};
use super::output::{Exported, write};
use super::rows::{RowKeys, find};
use super::table::{Changes, Row, Table};
use crate::counted::counted;
use crate::foreign::Foreign;
use crate::names::list;
use crate::points::show_points;

/// What goes into the row of a member.
pub(super) enum Cells {
    /// These texts, by column.
    New(Vec<(usize, String)>),
    /// Nothing, because of what is there.
    Keep(String),
}

/// Fills in the rows of the members in a table that the course system has exported, and writes it to `out`.
///
/// # Errors
///
/// If nobody is in the table, if it is not clear whose a row is, or if `out` exists.
pub(super) fn fill(
    table: &Table,
    rows: &[RowKeys],
    members: Members<'_>,
    out: &Path,
    cells: impl Fn(&Row, &Member<'_>) -> Cells,
) -> Result<Exported, String> {
    let found = find(table, rows, &members.graded)?;
    let file = &table.file;
    if found.rows.is_empty() {
        return Err(format!(
            "nobody in {file} was graded: name the class with --roster; its ids must be those in {file}"
        ));
    }
    let mut changes = Changes::new();
    let mut kept = Vec::new();
    for (row, member) in &found.rows {
        match cells(&table.rows[*row], member) {
            Cells::New(cells) => {
                changes.extend(cells.into_iter().map(|(column, text)| ((*row, column), text)));
            }
            Cells::Keep(old) => kept.push(format!("{} ({old})", member.name())),
        }
    }
    write(out, &table.with(&changes))?;
    let mut left_out = members.left_out;
    let missing = found.missing.iter().map(Member::name);
    left_out.extend(sentence(&format!("not in {file}, so without points there"), missing));
    let count = found.rows.len() - kept.len();
    left_out.extend(sentence("left as they were", kept.into_iter()));
    Ok(Exported { lines: vec![format!("{}: points of {count} students", out.display())], left_out })
}

/// Writes a new table to `out`, with a row for each member whom the roster gives an id or an address.
///
/// # Errors
///
/// If `out` exists, or cannot be written.
pub(super) fn create(
    members: Members<'_>,
    out: &Path,
    head: &[Vec<String>],
    row: impl Fn(&Member<'_>) -> Vec<String>,
) -> Result<Exported, String> {
    let is_known = |member: &Member<'_>| {
        member.person.is_some_and(|person| person.id.is_some() || person.email.is_some())
    };
    let (known, unknown): (Vec<_>, Vec<_>) = members.graded.into_iter().partition(is_known);
    let mut table = csv::Writer::from_writer(Vec::new());
    for row in head.iter().cloned().chain(known.iter().map(row)) {
        table.write_record(row).map_err(|error| format!("cannot write the table: {error}"))?;
    }
    let bytes = table.into_inner().map_err(|error| format!("cannot write the table: {error}"))?;
    write(out, &String::from_utf8_lossy(&bytes))?;
    let mut left_out = members.left_out;
    let names = unknown.iter().map(Member::name);
    left_out.extend(sentence("without id and email in the roster, so left out", names));
    let written = format!("{}: points of {}", out.display(), counted(known.len(), "student"));
    Ok(Exported { lines: vec![written], left_out })
}

/// What to tell the instructor if the course system gives other points for the assignment than the rubric.
pub(super) fn other_points(theirs: &str, members: &Members<'_>) -> Option<String> {
    let ours = members.graded.first().map_or(0.0, |member| member.result.possible);
    let number = theirs.trim().replace(',', ".").parse::<f64>();
    if number.is_ok_and(|theirs| (theirs - ours).abs() < 0.005) {
        return None;
    }
    let [theirs, ours] = [Foreign::new(theirs.trim()).line(), show_points(ours)];
    Some(format!(
        "note: it is worth {theirs} points there, and {ours} in the rubric: make them the same"
    ))
}

/// The text of the roster as a cell; empty if there is none.
pub(super) fn cell(text: Option<&str>) -> String {
    text.map_or_else(String::new, |text| Foreign::new(text).csv())
}

/// A sentence that names some students; none if there are none.
fn sentence(what: &str, names: impl Iterator<Item = String>) -> Option<String> {
    let names = list(names);
    (!names.is_empty()).then(|| format!("{what}: {names}"))
}
