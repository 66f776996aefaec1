//! What is in the folder of submissions, before it is known whose it is.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::label::{self, Label};
use super::{metadata, path};
use crate::files::reason;

/// What is never a submission, whatever is in it.
const NOT_SUBMISSIONS: &[&str] = &[metadata::FILE, "__MACOSX", "Thumbs.db", "desktop.ini"];

/// The endings of files that lie beside submissions, and are none unless a name says so.
const DOCUMENTS: &[&str] = &[".pdf", ".html", ".htm", ".txt", ".md", ".csv", ".json", ".yml"];

/// A file or folder that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) path: PathBuf,
    /// The name that it had before a course system renamed it.
    pub(super) name: String,
}

/// What one person or group has handed in: one file or folder, or the files that Canvas or Moodle has renamed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Download {
    pub(super) label: Label,
    /// At least one, sorted by path.
    pub(super) parts: Vec<Part>,
}

impl Download {
    /// All downloads in a folder, sorted by path.
    ///
    /// # Errors
    ///
    /// If the folder, or what Gradescope has put into it, cannot be read.
    pub(super) fn list(folder: &Path) -> Result<Vec<Download>, String> {
        let show = path::show(folder.as_os_str().as_bytes());
        let entries = std::fs::read_dir(folder).map_err(|error| {
            format!("cannot read the submissions in {show}: {}", reason(&error))
        })?;
        let mut paths = Vec::new();
        for entry in entries {
            paths.push(
                entry.map_err(|error| format!("cannot read {show}: {}", reason(&error)))?.path(),
            );
        }
        paths.sort();
        let mut submitters = metadata::read(folder)?;
        let mut downloads: Vec<Download> = Vec::new();
        let mut places: BTreeMap<Label, usize> = BTreeMap::new();
        for mut download in paths.iter().filter_map(|path| Download::at(path)) {
            if let Some(submitters) = submitters.remove(&download.parts[0].name) {
                download.label = Label::Gradescope(submitters);
            }
            match places.get(&download.label) {
                Some(place) if download.is_renamed() => {
                    downloads[*place].parts.append(&mut download.parts);
                }
                _ => {
                    places.insert(download.label.clone(), downloads.len());
                    downloads.push(download);
                }
            }
        }
        Ok(downloads)
    }

    /// The download at a path; `None` for a hidden file, and for what is known to be none.
    pub(super) fn at(path: &Path) -> Option<Download> {
        let file_name = path.file_name().unwrap_or_default();
        let is_hidden = file_name.as_bytes().starts_with(b".") && file_name.len() > 1;
        if is_hidden || NOT_SUBMISSIONS.iter().any(|name| file_name == *name) {
            return None;
        }
        let (label, original) = label::read(file_name.as_bytes());
        let name = original.unwrap_or_else(|| file_name.to_string_lossy().into_owned());
        Some(Download { label, parts: vec![Part { path: path.to_owned(), name }] })
    }

    /// Whether it is a document that nobody needs to have handed in.
    pub(super) fn is_document(&self) -> bool {
        let name = self.parts[0].name.to_ascii_lowercase();
        let is_plain = matches!(self.label, Label::Plain(_) | Label::Unusable { .. });
        is_plain && DOCUMENTS.iter().any(|ending| name.ends_with(ending))
    }

    /// The name of the file or folder, or of the first one; clean, and in one line.
    pub(super) fn show(&self) -> String {
        path::show(self.parts[0].path.file_name().unwrap_or_default().as_bytes())
    }

    /// Whether a course system has put a name before that of the file, so that there may be several files.
    fn is_renamed(&self) -> bool {
        matches!(self.label, Label::Canvas { .. } | Label::Moodle { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::Download;

    fn listed(names: &[&str]) -> Vec<(String, usize)> {
        let folder = tempfile::tempdir().expect("the disk is writable");
        for name in names {
            std::fs::write(folder.path().join(name), "").expect("the disk is writable");
        }
        let found = Download::list(folder.path()).expect("it is a folder");
        found.iter().map(|download| (download.show(), download.parts.len())).collect()
    }

    #[test]
    fn the_files_of_one_student_are_one_download() {
        let found = listed(&[
            "smithjane_17_900_raft.rs",
            "smithjane_17_901_notes.pdf",
            "smithjane_18_902_raft.rs",
            "Jo_3_assignsubmission_file_raft.rs",
            "Jo_3_assignsubmission_onlinetext_onlinetext.html",
            "bob.rs",
            "bob.zip",
        ]);
        let expected = [
            ("Jo_3_assignsubmission_file_raft.rs", 2),
            ("bob.rs", 1),
            ("bob.zip", 1),
            ("smithjane_17_900_raft.rs", 2),
            ("smithjane_18_902_raft.rs", 1),
        ];
        assert_eq!(found, expected.map(|(name, parts)| (name.to_owned(), parts)));
    }

    #[test]
    fn what_course_systems_and_computers_add_is_no_download() {
        let found =
            listed(&["submission_metadata.yml", ".DS_Store", "__MACOSX", "Thumbs.db", "a.zip"]);
        assert_eq!(found, [("a.zip".to_owned(), 1)]);
    }
}
