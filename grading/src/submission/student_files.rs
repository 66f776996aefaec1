//! The files that count.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::tree;

/// The files that count, by their path in the workspace.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct StudentFiles(pub(super) BTreeMap<PathBuf, String>);

impl StudentFiles {
    /// These files, by their path in the workspace.
    pub(crate) fn new(files: BTreeMap<PathBuf, String>) -> Self {
        StudentFiles(files)
    }

    /// Identifies the files.
    pub(crate) fn hash(&self) -> String {
        tree::hash_files(self.iter().map(|(path, text)| (path, text.as_bytes())))
    }

    /// The files and their contents, sorted by path.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.0.iter().map(|(path, text)| (path.as_path(), text.as_str()))
    }
}
