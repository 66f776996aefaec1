//! The students who count for the tests.

use std::collections::BTreeMap;

use crate::results::{Results, StudentResult};
use crate::runlog::Outcome;

/// One student for each different submission. What cannot be read differs from all else, but counts once for a group.
pub(super) fn distinct(results: &Results) -> Vec<&StudentResult> {
    let mut found: BTreeMap<&str, &StudentResult> = BTreeMap::new();
    for student in results.handed_in() {
        let kept = found.entry(files(student)).or_insert(student);
        // The grader may have been at fault for one of several students with the same files.
        if kept.outcome != Outcome::Built {
            *kept = student;
        }
    }
    found.into_values().collect()
}

/// What identifies the submission of a student.
fn files(student: &StudentResult) -> &str {
    let names = [student.submission.as_str(), student.handed_in.raw()];
    names.into_iter().find(|name| !name.is_empty()).unwrap_or(student.student.raw())
}
