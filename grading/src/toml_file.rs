//! The files of TOML that an instructor writes.

use std::path::{Path, PathBuf};

use crate::files::read_text;

/// The largest of these files, in bytes.
const LIMIT: u64 = 1 << 20;

/// A position in a text in bytes, and what is wrong there.
pub(crate) type Problem = (usize, String);

/// A file of TOML.
#[derive(Debug, Clone, Default)]
pub(crate) struct TomlFile {
    path: PathBuf,
    text: String,
}

impl TomlFile {
    /// Reads a file; `what` is what messages call it, such as "the rubric".
    ///
    /// # Errors
    ///
    /// If it cannot be read, is larger than 1 MiB, or is not UTF-8.
    pub(crate) fn read(path: &Path, what: &str) -> Result<Self, String> {
        let text = read_text(path, LIMIT).map_err(|problem| format!("{what}: {problem}"))?;
        Ok(TomlFile { path: path.to_owned(), text })
    }

    /// What is in the file.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The name of the file, without its folder.
    pub(crate) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().display().to_string()
    }

    /// A problem, with file and line.
    pub(crate) fn complaint(&self, (position, problem): Problem) -> String {
        let before = self.text.get(..position).unwrap_or(&self.text);
        let line = 1 + before.matches('\n').count();
        format!("{}:{line}: {problem}", self.path.display())
    }

    /// All problems, each in a line of its own, in the order of the file.
    pub(crate) fn complaints(&self, mut problems: Vec<Problem>) -> String {
        problems.sort();
        let all = problems.into_iter().map(|problem| self.complaint(problem));
        all.collect::<Vec<_>>().join("\n")
    }
}

/// A problem that the parser of TOML has found.
pub(crate) fn syntax_problem(error: &toml::de::Error) -> Problem {
    (error.span().map_or(0, |span| span.start), error.message().trim().replace('\n', "; "))
}

#[cfg(test)]
impl TomlFile {
    /// A file `test.toml` with this text.
    pub(crate) fn of(text: &str) -> Self {
        TomlFile { path: "test.toml".into(), text: text.to_owned() }
    }
}
