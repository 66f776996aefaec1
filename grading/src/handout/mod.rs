//! The students' workspace, cut from the instructor's.

mod lock;
mod markers;
mod verify;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) use markers::{Audience, Cut};
pub(crate) use verify::verify;

use crate::tree;

/// A workspace without solutions: contents by path.
pub(crate) struct Handout {
    pub(crate) files: BTreeMap<PathBuf, Vec<u8>>,
    /// The lines of code that were cut.
    pub(crate) solution: Vec<String>,
}

impl Handout {
    /// Cuts the solutions of the stages, or of all stages if none is named.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, or its markers do not match; the message names file and line.
    pub(crate) fn cut(root: &Path, stages: &[String]) -> Result<Self, String> {
        Handout::of(root, tree::files_for_students(root)?, stages, Audience::Students)
    }

    /// Cuts all solutions out of everything that grades: a tree for machines that are not the
    /// instructor's.
    ///
    /// # Errors
    ///
    /// The same.
    pub(crate) fn for_graders(root: &Path) -> Result<Self, String> {
        Handout::of(root, tree::files_for_graders(root)?, &[], Audience::Grader)
    }

    fn of(
        root: &Path,
        files: Vec<PathBuf>,
        stages: &[String],
        audience: Audience,
    ) -> Result<Self, String> {
        let mut handout = Handout { files: BTreeMap::new(), solution: Vec::new() };
        for path in files {
            let content = std::fs::read(root.join(&path))
                .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            let content = match String::from_utf8(content) {
                // The graders' own code speaks of markers, and has none.
                Ok(text) if path.starts_with("grading") => text.into_bytes(),
                Ok(text) => {
                    let cut = Cut::of(&text, stages, audience)
                        .map_err(|problem| format!("{}:{problem}", path.display()))?;
                    handout.solution.extend(cut.solution);
                    let is_lock = path == Path::new("Cargo.lock") && audience == Audience::Students;
                    let text = if is_lock { lock::without_graders(&cut.text) } else { cut.text };
                    text.into_bytes()
                }
                Err(other) => other.into_bytes(),
            };
            handout.files.insert(path, content);
        }
        Ok(handout)
    }

    /// Writes the workspace into a folder.
    ///
    /// # Errors
    ///
    /// If something cannot be written; the message names it.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), String> {
        for (path, content) in &self.files {
            let path = folder.join(path);
            let written = std::fs::create_dir_all(path.parent().unwrap_or(folder))
                .and_then(|()| std::fs::write(&path, content));
            written.map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        }
        Ok(())
    }

    /// What identifies this workspace.
    pub(crate) fn hash(&self) -> String {
        tree::hash_files(
            self.files.iter().map(|(path, content)| (path.as_path(), content.as_slice())),
        )
    }
}
