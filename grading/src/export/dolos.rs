//! The code of a class for Dolos, which looks for copies.

use std::path::Path;

use super::class::Class;
use super::gradebook::cell;
use super::output::{Exported, check_free};
use super::own_code::{Code, authors, handed_out};
use crate::counted::counted;
use crate::files::write_private_file;
use crate::points::show_points;
use crate::results::StudentResult;
use crate::shell::shell;

/// The columns of `info.csv` that Dolos reads.
const HEAD: [&str; 6] = ["filename", "id", "full_name", "status", "label", "ignored"];

/// The file with what was handed out.
const TEMPLATE: &str = "template.rs";

/// An export to Dolos.
pub(crate) struct Dolos<'a> {
    /// The folder of the grading.
    pub(crate) results: &'a Path,
    /// The workspace that was handed out; one without solutions if `None`.
    pub(crate) handout: Option<&'a Path>,
}

impl Dolos<'_> {
    /// Writes a folder with a file of code for each student, one with what was handed out, and `info.csv`, which
    /// says what they are. Dolos compares files, and ignores what is in one of them, so the code of a student is
    /// in one file.
    ///
    /// # Errors
    ///
    /// If the code cannot be read, or if `out` is there and not empty.
    pub(crate) fn export(&self, class: &Class, out: &Path) -> Result<Exported, String> {
        check_free(out)?;
        let base = handed_out(self.handout, class)?;
        let (authors, left_out) = authors(class, self.results, &base)?;
        let mut rows = vec![HEAD.map(str::to_owned)];
        write_private_file(&out.join(TEMPLATE), joined(&base))?;
        rows.push([TEMPLATE, "", "", "", "", "true"].map(str::to_owned));
        for (student, code) in &authors {
            let file = format!("submissions/{}/code.rs", student.student.raw());
            write_private_file(&out.join(&file), joined(code))?;
            rows.push(row(class, student, file));
        }
        let info = out.join("info.csv");
        write_private_file(&info, table(&rows)?)?;
        Ok(Exported {
            lines: vec![
                format!("{}: the code of {}", out.display(), counted(authors.len(), "student")),
                format!("dolos run -f web -l rust {}", shell(&info)),
            ],
            left_out: left_out.into_iter().collect(),
        })
    }
}

/// What Dolos shows of a student: the label, which it draws in a colour of its own, is the group.
fn row(class: &Class, student: &StudentResult, file: String) -> [String; 6] {
    let name = student.student.raw();
    let person = class.roster.as_ref().and_then(|roster| roster.get(name));
    let full_name = person.and_then(|person| person.name.as_deref()).unwrap_or(name);
    let group = person.and_then(|person| person.group.as_deref());
    let points = format!("{} points", show_points(student.points));
    let [id, full_name, group] = [Some(name), Some(full_name), group].map(cell);
    [file, id, full_name, points, group, String::new()]
}

fn table(rows: &[[String; 6]]) -> Result<Vec<u8>, String> {
    let mut table = csv::Writer::from_writer(Vec::new());
    for row in rows {
        table.write_record(row).map_err(|error| format!("cannot write the table: {error}"))?;
    }
    table.into_inner().map_err(|error| format!("cannot write the table: {error}"))
}

/// All files in one, each below its path.
fn joined(code: &Code) -> String {
    code.iter().map(|(path, text)| format!("// {}\n{text}\n", path.display())).collect()
}
