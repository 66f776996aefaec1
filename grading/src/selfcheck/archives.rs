//! Submissions that are not honest archives, folders or repositories.

use std::path::Path;

use super::findings::Findings;
use super::grading::{Extent, Folder, grade_folder};
use super::hostile_files;
use crate::runlog::Outcome;

/// What each student must be told, in part.
const ANSWERS: &[(&str, &str)] = &[
    ("bomb", "larger than"),
    ("climber", "leads out of the archive"),
    ("damaged", "not a valid zip archive"),
    ("empty-folder", "it contains no file named raft.rs"),
    ("far-too-large", "the limit is 8 MiB"),
    ("linked", "is a link"),
    ("linked-folder", "is a link"),
    ("linked-tar", "is a link"),
    ("not-text", "is not UTF-8 text"),
    ("nothing-known.docx", "it must be a .rs file"),
    ("tar-bomb", "larger than"),
    ("two-of-them", "it contains two files named raft.rs"),
    ("zip-link", "is a link"),
];

/// Checks that each of them is refused with a reason, and does no harm.
pub(super) fn check(extent: Extent, folder: &Path, findings: &mut Findings) -> Result<(), String> {
    let submissions = folder.join("submissions");
    let harm = folder.join("harm");
    hostile_files::create(&submissions, &harm)?;
    let results = folder.join("results");
    let students = grade_folder(extent, Folder::new(&submissions, &results, &["2A"]))?;
    for (name, answer) in ANSWERS {
        let Some(student) = students.get(*name) else {
            findings.note(&format!("{name} is graded"), false, "it is missing");
            continue;
        };
        let refused =
            student.outcome == Outcome::Unreadable && student.message.raw().contains(answer);
        let seen = format!("{}: {}", student.outcome.describe(), student.message.line());
        findings.note(&format!("{name}: \"{answer}\""), refused && student.points == 0.0, &seen);
    }
    for (name, claim) in [
        ("hooked", "programs that a repository names are not run"),
        ("own-build", "a build script and settings of cargo are ignored"),
    ] {
        let outcome = students.get(name).map(|student| student.outcome);
        let holds = outcome == Some(Outcome::BuildError) && !harm.exists();
        findings.note(claim, holds, &format!("{outcome:?}, harm {}", harm.exists()));
    }
    Ok(())
}
