//! The students' names: those of the files and folders that they have handed in.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::foreign::Foreign;
use crate::tree::hex;

/// The file name endings that are not part of a student's name.
const ENDINGS: &[&str] =
    &[".tar.gz", ".tgz", ".tar", ".zip", ".rs", ".git", ".rar", ".7z", ".tar.xz", ".tar.bz2"];

/// The longest name, in bytes. There are folders of this name.
const LENGTH: usize = 200;

/// The student who has handed in a file or folder of this name, and what is wrong with the name if it cannot
/// be used. In that case the student gets a name by which it can be recognised.
pub(super) fn of_student(file_name: &[u8]) -> (String, Option<String>) {
    let lower = file_name.to_ascii_lowercase();
    let ending = ENDINGS.iter().find(|ending| lower.ends_with(ending.as_bytes()));
    let stem = &file_name[..file_name.len() - ending.map_or(0, |ending| ending.len())];
    let shown = Foreign::from_bytes(stem).line();
    let problem = match std::str::from_utf8(stem) {
        Err(_) => "is not UTF-8",
        Ok(text) if text.contains(['\n', '\r']) => "contains a line break",
        Ok(text) if text != shown => "contains a character that is not shown",
        Ok(text) if text.trim() != text => "begins or ends with a blank",
        Ok(text) if text.len() > LENGTH => "is too long",
        Ok(text) if is_usable(text) => return (shown, None),
        Ok(_) => "is not one of a student",
    };
    let sentence = format!("its name {problem}: rename it and hand it in again");
    (recognisable(&shown, file_name), Some(sentence))
}

/// Whether a text can be a student's name, and so the name of a folder with the student's reports.
pub(crate) fn is_usable(name: &str) -> bool {
    !matches!(name, "" | "." | "..")
        && name.len() <= 255
        && !name.contains('/')
        && Foreign::new(name).line() == name
}

/// A name that is unlike all others and can be the name of a folder.
fn recognisable(shown: &str, file_name: &[u8]) -> String {
    let mut name: String = shown.trim().chars().take(40).collect();
    // Writing to a string never fails.
    let _ = write!(name, " #{}", hex(&Sha256::digest(file_name)[..4]));
    name
}

#[cfg(test)]
mod tests {
    use super::{is_usable, of_student};

    #[test]
    fn names_are_file_names_without_their_endings() {
        for (file, student) in [
            ("alice.rs", "alice"),
            ("alice.tar.gz", "alice"),
            ("alice.ZIP", "alice"),
            (
                "Smith Jane_1234567_assignsubmission_file_",
                "Smith Jane_1234567_assignsubmission_file_",
            ),
            ("Müller.zip", "Müller"),
            ("a.b.docx", "a.b.docx"),
        ] {
            assert_eq!(of_student(file.as_bytes()), (student.to_owned(), None));
        }
    }

    #[test]
    fn every_bad_name_becomes_a_usable_one_of_its_own() {
        let long = "x".repeat(250);
        let files: &[&[u8]] = &[
            b"M\xfcller.rs",
            b"M\xfdller.rs",
            b"a\nb.rs",
            b"a\rb.rs",
            b"\x1b[2J.rs",
            "a\u{202e}b.rs".as_bytes(),
            b" a.rs",
            b".rs",
            b"...rs",
            long.as_bytes(),
        ];
        let mut students = Vec::new();
        for file in files {
            let (student, problem) = of_student(file);
            assert!(problem.is_some(), "{student}");
            assert!(is_usable(&student), "{student:?}");
            students.push(student);
        }
        students.sort();
        students.dedup();
        assert_eq!(students.len(), files.len());
    }

    #[test]
    fn a_name_never_leads_out_of_its_folder() {
        for name in ["", ".", "..", "../x", "/etc", "a/b", "a\0b", "a\nb"] {
            assert!(!is_usable(name), "{name:?}");
        }
    }
}
