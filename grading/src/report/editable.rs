//! Reports that people may edit after they were written.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::terminal::complain;
use crate::files::{reason, write_private_file};
use crate::tree::hex;

/// The file that says what this program has written, beside the reports.
const LIST: &str = ".written";

/// How many edited reports are named; the others are counted.
const NAMED: usize = 5;

/// Writes the reports of a grading. What somebody has changed since is kept under another name.
///
/// A list in the folder of the results tells what this program has written. A line is added to it *before* its report
/// is written, so that a report that was written is never taken for an edited one, however the program ends. Without
/// the list, every report that would change is taken for edited.
pub(super) struct Reports {
    folder: PathBuf,
    list: File,
    /// The lines of the list: the hash of a report, and its path.
    known: HashSet<String>,
    /// The lines of the reports that are up to date now.
    current: Vec<String>,
    /// How many edited reports have been kept.
    kept: usize,
}

impl Reports {
    /// Starts to write reports into this folder.
    ///
    /// # Errors
    ///
    /// If the list cannot be read and written.
    pub(super) fn open(folder: &Path) -> Result<Self, String> {
        let path = folder.join(LIST);
        let fail =
            |error: std::io::Error| format!("cannot use {}: {}", path.display(), reason(&error));
        std::fs::create_dir_all(folder).map_err(fail)?;
        let mut options = OpenOptions::new();
        let list = options.create(true).append(true).mode(0o600).open(&path).map_err(fail)?;
        // Damaged bytes damage a line, whose report is taken for edited.
        let text = std::fs::read(&path).map_err(fail)?;
        let known = String::from_utf8_lossy(&text).lines().map(str::to_owned).collect();
        Ok(Reports { folder: folder.to_owned(), list, known, current: Vec::new(), kept: 0 })
    }

    /// Writes a report, which only its owner may read.
    ///
    /// # Errors
    ///
    /// If an edited report cannot be read or renamed, or if the report cannot be written. Nothing is lost then.
    pub(super) fn write(&mut self, path: &Path, text: &str) -> Result<(), String> {
        let line = self.line(path, text.as_bytes());
        match std::fs::read(path) {
            Ok(found) if found == text.as_bytes() => {}
            Ok(found) if self.known.contains(&self.line(path, &found)) => {}
            Ok(_) => {
                let (name, kept) = (path.display(), keep(path)?);
                self.kept += 1;
                if self.kept <= NAMED {
                    let kept = kept.display();
                    complain(&format!("note: {name} had been edited: that is now {kept}"));
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                return Err(format!("cannot see whether {} was edited: {error}", path.display()));
            }
        }
        if !self.known.contains(&line) {
            let list = self.folder.join(LIST);
            // A line of its own, even if the last one has no end.
            self.list
                .write_all(format!("\n{line}\n").as_bytes())
                .map_err(|error| format!("cannot write {}: {}", list.display(), reason(&error)))?;
        }
        self.current.push(line);
        write_private_file(path, text)
    }

    /// Shortens the list to the reports that were written.
    ///
    /// # Errors
    ///
    /// If the list cannot be written. It is then longer than it need be.
    pub(super) fn close(self) -> Result<(), String> {
        if self.kept > NAMED {
            let others = self.kept - NAMED;
            complain(&format!("note: {others} more had been edited, and are kept in the same way"));
        }
        write_private_file(&self.folder.join(LIST), self.current.join("\n") + "\n")
    }

    fn line(&self, path: &Path, content: &[u8]) -> String {
        let name = path.strip_prefix(&self.folder).unwrap_or(path);
        format!("{} {}", hex(&Sha256::digest(content)), name.display())
    }
}

/// Renames a file to a name that is free.
fn keep(path: &Path) -> Result<PathBuf, String> {
    let (stem, extension) = (path.file_stem(), path.extension());
    let [stem, extension] = [stem, extension].map(|part| part.unwrap_or_default().display());
    let names =
        (1..).map(|number| path.with_file_name(format!("{stem}-edited-{number}.{extension}")));
    // A link that leads nowhere is something, too.
    let free = names.into_iter().find(|name| name.symlink_metadata().is_err()).unwrap_or_default();
    std::fs::rename(path, &free).map_err(|error| {
        format!("cannot keep the edited {}: {}", path.display(), reason(&error))
    })?;
    Ok(free)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tempfile::TempDir;

    use super::Reports;

    /// Writes a table with this text, and ends as expected, or in the middle.
    fn write(folder: &TempDir, text: &str, is_crash: bool) -> Result<(), String> {
        let mut reports = Reports::open(folder.path())?;
        reports.write(&folder.path().join("table.csv"), text)?;
        if is_crash { Ok(()) } else { reports.close() }
    }

    fn edit(folder: &TempDir, text: &str) {
        std::fs::write(folder.path().join("table.csv"), text).expect("the disk is writable");
    }

    /// The files that somebody would look at, with their texts.
    fn files(folder: &TempDir) -> Vec<(String, String)> {
        let entries = folder.path().read_dir().expect("it can be read");
        let names = entries.map(|entry| entry.expect("it can be read").file_name());
        let mut names: Vec<String> =
            names.map(|name| name.to_string_lossy().into_owned()).collect();
        names.retain(|name| !name.starts_with('.'));
        names.sort();
        let read = |name: &String| std::fs::read_to_string(folder.path().join(name));
        names.iter().map(|name| (name.clone(), read(name).unwrap_or_default())).collect()
    }

    fn holds(folder: &TempDir, expected: &[(&str, &str)]) {
        let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        assert_eq!(files(folder), expected.iter().map(own).collect::<Vec<_>>());
    }

    fn folder() -> TempDir {
        tempfile::tempdir().expect("the disk is writable")
    }

    #[test]
    fn an_edited_report_is_kept() {
        let folder = folder();
        for text in ["one", "two"] {
            assert_eq!(write(&folder, text, false), Ok(()));
        }
        holds(&folder, &[("table.csv", "two")]);
        edit(&folder, "two, and more");
        assert_eq!(write(&folder, "three", false), Ok(()));
        holds(&folder, &[("table-edited-1.csv", "two, and more"), ("table.csv", "three")]);
        edit(&folder, "three, and more");
        assert_eq!(write(&folder, "three", false), Ok(()));
        let edited =
            [("table-edited-1.csv", "two, and more"), ("table-edited-2.csv", "three, and more")];
        holds(&folder, &[&edited[..], &[("table.csv", "three")]].concat());
        // An older version was put back by hand.
        edit(&folder, "one");
        assert_eq!(write(&folder, "three", false), Ok(()));
        holds(
            &folder,
            &[&edited[..], &[("table-edited-3.csv", "one"), ("table.csv", "three")]].concat(),
        );
    }

    #[test]
    fn a_report_that_was_there_before_or_whose_list_is_lost_is_kept() {
        let folder = folder();
        edit(&folder, "mine");
        assert_eq!(write(&folder, "one", false), Ok(()));
        holds(&folder, &[("table-edited-1.csv", "mine"), ("table.csv", "one")]);
        std::fs::write(folder.path().join(".written"), b"\xff\0 no list").expect("it is writable");
        assert_eq!(write(&folder, "two", false), Ok(()));
        let kept = [("table-edited-1.csv", "mine"), ("table-edited-2.csv", "one")];
        holds(&folder, &[&kept[..], &[("table.csv", "two")]].concat());
    }

    #[test]
    fn a_deleted_report_is_written_again_and_an_edit_kept_before_stays() {
        let folder = folder();
        assert_eq!(write(&folder, "one", false), Ok(()));
        edit(&folder, "edited");
        assert_eq!(write(&folder, "two", false), Ok(()));
        std::fs::remove_file(folder.path().join("table.csv")).expect("it is there");
        assert_eq!(write(&folder, "three", false), Ok(()));
        holds(&folder, &[("table-edited-1.csv", "edited"), ("table.csv", "three")]);
    }

    #[test]
    fn after_a_crash_only_what_was_edited_is_kept() {
        let folder = folder();
        assert_eq!(write(&folder, "one", false), Ok(()));
        assert_eq!(write(&folder, "two", true), Ok(()));
        assert_eq!(write(&folder, "three", true), Ok(()));
        holds(&folder, &[("table.csv", "three")]);
        edit(&folder, "three, and more");
        assert_eq!(write(&folder, "four", true), Ok(()));
        assert_eq!(write(&folder, "five", false), Ok(()));
        holds(&folder, &[("table-edited-1.csv", "three, and more"), ("table.csv", "five")]);
    }

    #[test]
    fn the_program_may_end_between_the_list_and_the_report() {
        let folder = folder();
        assert_eq!(write(&folder, "one", false), Ok(()));
        let list = folder.path().join(".written");
        let before = std::fs::read(&list).expect("it is there");
        assert_eq!(write(&folder, "two", true), Ok(()));
        // The list already names "two", and the report is still "one".
        edit(&folder, "one");
        assert_eq!(write(&folder, "three", true), Ok(()));
        holds(&folder, &[("table.csv", "three")]);
        // A line of the list was cut off.
        std::fs::write(&list, [&before[..], b"0123"].concat()).expect("it is writable");
        edit(&folder, "one");
        assert_eq!(write(&folder, "four", true), Ok(()));
        assert_eq!(write(&folder, "five", false), Ok(()));
        holds(&folder, &[("table.csv", "five")]);
    }

    #[test]
    fn what_cannot_be_read_is_not_replaced() {
        let folder = folder();
        let path = folder.path().join("table.csv");
        std::fs::create_dir(&path).expect("the disk is writable");
        let problem = write(&folder, "one", false).expect_err("it is refused");
        assert!(problem.starts_with("cannot see whether"), "{problem}");
        assert!(path.is_dir());
    }

    #[test]
    fn neither_links_nor_files_that_are_read_only_lose_an_edit() {
        let (folder, elsewhere) = (folder(), folder());
        let path = folder.path().join("table.csv");
        let target = elsewhere.path().join("mine.csv");
        std::fs::write(&target, "mine").expect("the disk is writable");
        std::os::unix::fs::symlink(&target, &path).expect("the disk is writable");
        std::os::unix::fs::symlink("/nowhere", folder.path().join("table-edited-1.csv"))
            .expect("the disk is writable");
        assert_eq!(write(&folder, "one", false), Ok(()));
        let link = |name: &str| std::fs::read_link(folder.path().join(name)).ok();
        assert_eq!(link("table-edited-1.csv").as_deref(), Some(Path::new("/nowhere")));
        assert_eq!(link("table-edited-2.csv"), Some(target.clone()));
        assert_eq!(std::fs::read_to_string(&target).expect("it is there"), "mine");
        edit(&folder, "edited");
        let mut permissions = path.metadata().expect("it is there").permissions();
        permissions.set_readonly(true);
        std::fs::set_permissions(&path, permissions).expect("it is ours");
        assert_eq!(write(&folder, "two", false), Ok(()));
        let kept = std::fs::read_to_string(folder.path().join("table-edited-3.csv"));
        assert_eq!(kept.expect("it is there"), "edited");
    }
}
