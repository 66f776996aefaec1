//! The gradebook of Canvas.

use std::path::Path;

use super::class::{Class, Members};
use super::gradebook::{Cells, cell, create, fill, other_points};
use super::output::Exported;
use super::rows::RowKeys;
use super::table::{Row, Table};
use crate::foreign::Foreign;
use crate::names::list;
use crate::points::show_points;

/// What Canvas calls the columns that tell students apart.
const KEYS: &[&str] = &["ID", "SIS User ID", "SIS Login ID", "Integration ID"];

/// What is in cells that Canvas takes no points for: excused, and not assigned.
const NO_POINTS: &[&str] = &["EX", "N/A"];

/// How the row begins that says how many points there are. Canvas looks for these words.
const POSSIBLE: &str = "    Points Possible";

/// What to do with the file.
const NEXT: &str = "in Canvas: Grades, Import; look at the changes before you save them";

/// An export to Canvas.
pub(crate) struct Canvas<'a> {
    /// The assignment: its heading in the gradebook, such as `Lab 2 (123)`, its name or its number.
    pub(crate) assignment: &'a str,
    /// The gradebook that the instructor has exported from Canvas.
    pub(crate) gradebook: Option<&'a Path>,
}

impl Canvas<'_> {
    /// Writes a table that Canvas imports: the gradebook with one column filled in or, without a gradebook, a new
    /// table of the people in the roster.
    ///
    /// # Errors
    ///
    /// If the gradebook is invalid, has no such assignment, or fits nobody, if there is neither a gradebook nor
    /// a roster, or if `out` exists.
    pub(crate) fn export(&self, class: &Class, out: &Path) -> Result<Exported, String> {
        let mut exported = match self.gradebook {
            Some(gradebook) => self.fill(&Table::load(gradebook)?, class, out)?,
            None if class.roster.is_some() => self.create(class, out)?,
            None => {
                return Err("Canvas knows students by their ids: name the gradebook that you have exported from \
                            it with --gradebook, or the list of your class with --roster"
                    .to_owned());
            }
        };
        exported.lines.push(NEXT.to_owned());
        Ok(exported)
    }

    fn fill(&self, table: &Table, class: &Class, out: &Path) -> Result<Exported, String> {
        let column = self.column(table)?;
        let members = class.members();
        let note = self.check_possible(table, column, &members)?;
        let rows = student_rows(table);
        let mut exported = fill(table, &rows, members, out, |row, member| {
            let old = row.get(column).trim();
            if NO_POINTS.iter().any(|text| old.eq_ignore_ascii_case(text)) {
                Cells::Keep(old.to_owned())
            } else {
                Cells::New(vec![(column, show_points(member.result.points))])
            }
        })?;
        exported.lines.extend(note);
        Ok(exported)
    }

    /// The column of the assignment.
    fn column(&self, table: &Table) -> Result<usize, String> {
        let file = &table.file;
        if table.column("ID").is_none() || table.column("Section").is_none() {
            return Err(format!(
                "{file} is not from Canvas: its first line has no ID and Section; export the gradebook again"
            ));
        }
        let name = Foreign::new(self.assignment).line();
        let headings = (0..).zip(table.header()).filter(|(_, heading)| self.is_called(heading));
        let columns: Vec<usize> = headings.map(|(column, _)| column).collect();
        match columns.as_slice() {
            [column] => Ok(*column),
            [] => {
                let known = table.header().filter(|heading| heading.ends_with(')'));
                let known = list(known.map(|heading| Foreign::new(heading).line()));
                let known = if known.is_empty() { "none at all" } else { &known };
                Err(format!(
                    "{file} has no assignment \"{name}\", but {known}: name one of these, or export again"
                ))
            }
            _ => Err(format!(
                "{file} has several assignments \"{name}\": give the number, which is in parentheses"
            )),
        }
    }

    /// Whether a heading is that of the assignment.
    fn is_called(&self, heading: &str) -> bool {
        let heading = heading.trim();
        let parts = heading.strip_suffix(')').and_then(|rest| rest.rsplit_once(" ("));
        let (name, number) = parts.unwrap_or((heading, ""));
        [heading, name, number].contains(&self.assignment.trim())
    }

    /// Checks the points that Canvas gives for the assignment. Returns what to tell the instructor about them.
    fn check_possible(
        &self,
        table: &Table,
        column: usize,
        members: &Members<'_>,
    ) -> Result<Option<String>, String> {
        let Some(row) = table.rows.iter().skip(1).find(|row| is_possible(row)) else {
            return Ok(None);
        };
        if row.get(column).contains("read only") {
            let name = Foreign::new(self.assignment).line();
            return Err(format!("Canvas takes no points for \"{name}\": it is read only"));
        }
        Ok(other_points(row.get(column), members))
    }

    fn create(&self, class: &Class, out: &Path) -> Result<Exported, String> {
        let possible = class.results.students.first().map_or(0.0, |student| student.possible);
        let assignment = Foreign::new(self.assignment).csv();
        let head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", &assignment];
        let second = [POSSIBLE, "", "", "", "", &show_points(possible)];
        let head = [head, second].map(|row| row.map(str::to_owned).to_vec());
        create(class.members(), out, &head, |member| {
            let id = member.person.and_then(|person| person.id.as_deref());
            let login = member.person.and_then(|person| person.email.as_deref());
            let points = show_points(member.result.points);
            let [name, id, login] = [member.full_name(), id, login].map(cell);
            vec![name, id, String::new(), login, String::new(), points]
        })
    }
}

/// The rows of students. Others say how many points there are, and which are posted by hand.
fn student_rows(table: &Table) -> Vec<RowKeys> {
    let columns = |headings: &[&str]| -> Vec<usize> {
        headings.iter().filter_map(|heading| table.column(heading)).collect()
    };
    let (keys, names) = (columns(KEYS), columns(&["Student", "LastName", "FirstName"]));
    let rows = table.rows.iter().enumerate().skip(1).filter(|(_, row)| !is_possible(row));
    rows.map(|(place, row)| RowKeys {
        row: place,
        keys: keys.iter().map(|column| row.get(*column).to_owned()).collect(),
        name: names.iter().map(|column| plain_name(row.get(*column))).collect::<Vec<_>>().join(" "),
    })
    .collect()
}

fn is_possible(row: &Row) -> bool {
    row.get(0).contains(POSSIBLE.trim())
}

/// Canvas writes a name that begins with an equals sign as `="…"`.
fn plain_name(name: &str) -> &str {
    name.strip_prefix("=\"").and_then(|name| name.strip_suffix('"')).unwrap_or(name)
}
