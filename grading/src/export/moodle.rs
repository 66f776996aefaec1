//! The gradebook and the grading worksheets of Moodle.

use std::path::Path;

use super::class::Class;
use super::gradebook::{Cells, cell, create, fill, other_points};
use super::output::Exported;
use super::rows::RowKeys;
use super::table::{Row, Table};
use crate::foreign::Foreign;
use crate::names::list;
use crate::points::show_points;
use crate::report::{Seeds, StudentView, comment};

/// What Moodle calls the columns that tell students apart.
const KEYS: &[&str] = &["Identifier", "Email address", "ID number", "Username"];

/// What Moodle calls the columns with a name or its parts.
const NAMES: &[&str] = &["Full name", "First name", "Last name", "Surname"];

/// The headings of points and comments in a grading worksheet.
const GRADE: &str = "Grade";
const COMMENTS: &str = "Feedback comments";

/// The heading of what an assignment is worth.
const POSSIBLE: &str = "Maximum grade";

/// The most points that Moodle imports unless its administrator allows more. With one above it, it imports nothing.
const MOST_POINTS: f64 = 100.0;

/// An export to Moodle.
pub(crate) struct Moodle<'a> {
    /// The heading of the column for the points; that of a grading worksheet if `None`.
    pub(crate) column: Option<&'a str>,
    /// A grading worksheet or a gradebook that the instructor has downloaded.
    pub(crate) gradebook: Option<&'a Path>,
    /// Whether comments tell what is to be seen only later.
    pub(crate) seeds: Seeds,
}

impl Moodle<'_> {
    /// Writes a table that Moodle imports: the worksheet with points and comments filled in or, without one, a new
    /// table of the people in the roster.
    ///
    /// # Errors
    ///
    /// If the worksheet is invalid, has no such column, or fits nobody, if there is neither a worksheet nor a
    /// roster, or if `out` exists.
    pub(crate) fn export(&self, class: &Class, out: &Path) -> Result<Exported, String> {
        match self.gradebook {
            Some(gradebook) => self.fill(&Table::load(gradebook)?, class, out),
            None if class.roster.is_some() => self.create(class, out),
            None => Err("Moodle knows students by their ids: name the grading worksheet that you have downloaded \
                         with --gradebook, or the list of your class with --roster"
                .to_owned()),
        }
    }

    fn fill(&self, table: &Table, class: &Class, out: &Path) -> Result<Exported, String> {
        let grade = self.grade_column(table)?;
        let comments = table.column(COMMENTS);
        let rows = student_rows(table)?;
        let members = class.members();
        let possible = table.column(POSSIBLE).zip(table.rows.get(1));
        let note = possible.and_then(|(column, row)| other_points(row.get(column), &members));
        let mut exported = fill(table, &rows, members, out, |_, member| {
            let mut cells = vec![(grade, show_points(member.result.points))];
            let comment = || comment(&StudentView::of(member.result, self.seeds));
            cells.extend(comments.map(|column| (column, comment())));
            Cells::New(cells)
        })?;
        let next = "in Moodle: the assignment, Submissions, Upload grading worksheet";
        exported.lines.push(next.to_owned());
        exported.lines.extend(note);
        Ok(exported)
    }

    fn grade_column(&self, table: &Table) -> Result<usize, String> {
        let heading = self.column.unwrap_or(GRADE);
        table.column(heading).ok_or_else(|| {
            let known = list(table.header().map(|heading| Foreign::new(heading).line()));
            format!(
                "{} has no column \"{}\", but {known}: name the one for points with --assignment",
                table.file,
                Foreign::new(heading).line()
            )
        })
    }

    fn create(&self, class: &Class, out: &Path) -> Result<Exported, String> {
        let grade = Foreign::new(self.column.unwrap_or(GRADE)).csv();
        let head = ["Email address", "ID number", &grade, COMMENTS].map(str::to_owned).to_vec();
        let mut exported = create(class.members(), out, &[head], |member| {
            let email = member.person.and_then(|person| person.email.as_deref());
            let id = member.person.and_then(|person| person.id.as_deref());
            let points = show_points(member.result.points);
            vec![
                cell(email),
                cell(id),
                points,
                comment(&StudentView::of(member.result, self.seeds)),
            ]
        })?;
        let next = "in Moodle: Grades, Import, CSV file; map \"Email address\" to the address or \"ID number\" to \
                    the number of users, and points and comments to the assignment";
        exported.lines.push(next.to_owned());
        if class.results.students.iter().any(|student| student.points > MOST_POINTS) {
            let note = "note: some have more than 100 points, which Moodle imports only if its administrator allows it";
            exported.lines.push(note.to_owned());
        }
        Ok(exported)
    }
}

fn student_rows(table: &Table) -> Result<Vec<RowKeys>, String> {
    let columns = |headings: &[&str]| -> Vec<usize> {
        headings.iter().filter_map(|heading| table.column(heading)).collect()
    };
    let (keys, names) = (columns(KEYS), columns(NAMES));
    if keys.is_empty() && names.is_empty() {
        let (file, keys) = (&table.file, KEYS.join(", "));
        return Err(format!("{file} has none of the columns {keys}: download it in English"));
    }
    let rows = table.rows.iter().enumerate().skip(1);
    Ok(rows
        .map(|(place, row)| RowKeys {
            row: place,
            keys: keys.iter().flat_map(|column| cell_keys(row, *column)).collect(),
            name: names.iter().map(|column| row.get(*column)).collect::<Vec<_>>().join(" "),
        })
        .collect())
}

/// A cell, and the number in a cell such as `Participant 123`: the names of downloaded submissions have it.
fn cell_keys(row: &Row, column: usize) -> impl Iterator<Item = String> {
    let text = row.get(column).trim();
    let number = text.rsplit_once(' ').map(|(_, number)| number);
    [Some(text), number].into_iter().flatten().map(str::to_owned)
}
