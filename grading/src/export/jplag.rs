//! The code of a class for JPlag, which looks for copies.

use std::path::Path;

use super::class::Class;
use super::output::{Exported, check_free};
use super::own_code::{authors, handed_out};
use crate::counted::counted;
use crate::files::write_private_file;
use crate::shell::shell;

/// An export to JPlag.
pub(crate) struct Jplag<'a> {
    /// The folder of the grading.
    pub(crate) results: &'a Path,
    /// The workspace that was handed out; one without solutions if `None`.
    pub(crate) handout: Option<&'a Path>,
}

impl Jplag<'_> {
    /// Writes a folder with a folder of code for each student, and one with what was handed out.
    ///
    /// # Errors
    ///
    /// If the code cannot be read, or if `out` is there and not empty.
    pub(crate) fn export(&self, class: &Class, out: &Path) -> Result<Exported, String> {
        check_free(out)?;
        let base = handed_out(self.handout, class)?;
        let (authors, left_out) = authors(class, self.results, &base)?;
        let [submissions, folder] = ["submissions", "base"].map(|name| out.join(name));
        for (path, text) in &base {
            write_private_file(&folder.join(path), text)?;
        }
        for (student, code) in &authors {
            for (path, text) in code {
                let own = submissions.join(student.student.raw());
                write_private_file(&own.join(path), text)?;
            }
        }
        let [base, code, result] =
            [&folder, &submissions, &out.join("result")].map(|path| shell(path));
        Ok(Exported {
            lines: vec![
                format!("{}: the code of {}", out.display(), counted(authors.len(), "student")),
                format!("java -jar jplag.jar -l rust -bc {base} -r {result} {code}"),
            ],
            left_out: left_out.into_iter().collect(),
        })
    }
}
