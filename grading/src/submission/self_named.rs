//! Submissions of students who are known by their submissions alone.

use std::collections::BTreeMap;

use super::download::Download;
use super::handed_in::HandedIn;
use super::input::Submission;
use super::label::{Label, Submitter};
use super::name::is_usable;
use crate::problems::Problems;

/// Takes the students' names from what these downloads are called.
///
/// # Errors
///
/// If a course system gives two people the same name: a line for each.
pub(super) fn name_all(downloads: &[Download]) -> Result<HandedIn, String> {
    let mut ignored = Vec::new();
    let mut by_student: BTreeMap<String, (Label, Submission)> = BTreeMap::new();
    let mut problems = Problems::default();
    for download in downloads {
        if download.is_document() {
            ignored.push(download.show());
            continue;
        }
        for student in students(download) {
            let mut submission = Submission::of(&student, download.parts.clone(), download.show());
            if let Label::Unusable { problem, .. } = &download.label {
                submission.problem = Some(problem.clone());
            }
            match by_student.get_mut(&student) {
                None => drop(by_student.insert(student, (download.label.clone(), submission))),
                // Which one counts is not for the grader to say, so none does.
                Some((Label::Plain(_), first)) => first.refuse_both(&submission),
                Some((_, first)) => {
                    let [one, other] = [&first.handed_in, &submission.handed_in];
                    problems.add(format!(
                        "both {one} and {other} are those of \"{student}\": use --roster to say who is who"
                    ));
                }
            }
        }
    }
    problems.check()?;
    let submissions = by_student.into_values().map(|(_, submission)| submission).collect();
    Ok(HandedIn { submissions, missing: Vec::new(), ignored })
}

/// What students are called who are known by their submissions alone.
fn students(download: &Download) -> Vec<String> {
    match &download.label {
        Label::Plain(student) | Label::Unusable { student, .. } => vec![student.clone()],
        Label::Canvas { name, id } => vec![format!("{name}_{id}")],
        Label::Moodle { name, .. } => vec![name.clone()],
        Label::Gradescope(submitters) => {
            let names: Option<Vec<String>> = submitters.iter().map(name_of).collect();
            names.filter(|names| !names.is_empty()).unwrap_or_else(|| vec![download.show()])
        }
    }
}

/// The address, which nobody else has; the number if there is none.
fn name_of(submitter: &Submitter) -> Option<String> {
    let found = submitter.email.as_ref().or(submitter.sid.as_ref())?;
    (is_usable(found) && !found.starts_with('.')).then(|| found.clone())
}
