//! Noting who has handed in nothing.

use std::collections::BTreeSet;

use crate::runlog::{Build, Entry, Outcome, RunLog, students};

/// Notes in the log who has handed in nothing. Who is in the log already has handed something in earlier, or is noted:
/// a folder with one late submission says nothing about the others.
///
/// # Errors
///
/// If the log cannot be written.
pub(super) fn note_missing(
    missing: &[String],
    log: &mut RunLog,
    entries: &[Entry],
) -> Result<(), String> {
    let known: BTreeSet<&str> = students(entries).collect();
    let new = missing.iter().filter(|student| !known.contains(student.as_str()));
    new.cloned().try_for_each(|student| {
        let outcome = Outcome::NothingHandedIn;
        log.append(&Entry::Build(Build { student, outcome, ..Build::default() }))
    })
}

#[cfg(test)]
mod tests {
    use super::note_missing;
    use crate::runlog::{Build, Entry, Outcome, RunLog};

    #[test]
    fn who_has_handed_in_before_is_not_missing() {
        let build = |student: &str, outcome| Build {
            student: student.to_owned(),
            outcome,
            ..Build::default()
        };
        let folder = tempfile::tempdir().expect("the disk is writable");
        let (mut log, _) = RunLog::open(folder.path()).expect("it is made");
        log.append(&Entry::Build(build("ann", Outcome::Built))).expect("the disk is writable");
        let missing = ["ann", "ben"].map(str::to_owned);
        for _ in 0..2 {
            let entries = RunLog::read(folder.path()).expect("it is valid");
            note_missing(&missing, &mut log, &entries).expect("the disk is writable");
        }
        let expected = [build("ann", Outcome::Built), build("ben", Outcome::NothingHandedIn)];
        assert_eq!(RunLog::read(folder.path()), Ok(expected.map(Entry::Build).to_vec()));
    }
}
