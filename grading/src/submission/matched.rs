//! Submissions of the people in a roster.

use std::collections::BTreeMap;

use super::directory::{Directory, Owners};
use super::download::Download;
use super::handed_in::HandedIn;
use super::input::Submission;
use super::label::Label;
use super::metadata;
use crate::foreign::Foreign;
use crate::problems::Problems;
use crate::roster::{Person, Roster};

/// Finds the people in the roster whose these downloads are.
///
/// # Errors
///
/// If one is nobody's, if it is not clear whose it is, or if somebody has two: a line for each problem.
pub(super) fn match_all(downloads: &[Download], roster: &Roster) -> Result<HandedIn, String> {
    let directory = Directory::of(roster);
    let mut owned = Owned::default();
    let mut ignored = Vec::new();
    let mut problems = Problems::default();
    for download in downloads {
        let added = match directory.owners(&download.label) {
            Owners::Known(people) => owned.add(people, download),
            Owners::Either(one, other) => Err(of_either(one, other, download)),
            Owners::Nobody if download.is_document() => {
                ignored.push(download.show());
                Ok(())
            }
            Owners::Nobody => Err(of_nobody(download)),
        };
        if let Err(problem) = added {
            problems.add(problem);
        }
    }
    problems.check()?;
    let students = roster.people().map(|person| &person.student);
    let missing = students.filter(|student| !owned.0.contains_key(student.as_str()));
    let missing = missing.cloned().collect();
    Ok(HandedIn { submissions: owned.submissions(), missing, ignored })
}

/// What each student has handed in.
#[derive(Default)]
struct Owned<'a>(BTreeMap<&'a str, &'a Download>);

impl<'a> Owned<'a> {
    /// Adds what these people have handed in together, unless one of them has something else.
    fn add(
        &mut self,
        people: impl IntoIterator<Item = &'a Person>,
        download: &'a Download,
    ) -> Result<(), String> {
        let students: Vec<&str> =
            people.into_iter().map(|person| person.student.as_str()).collect();
        let taken = students.iter().find_map(|student| self.0.get_key_value(student));
        if let Some((student, first)) = taken {
            let [first, second] = [*first, download].map(Download::show);
            return Err(format!(
                "both {first} and {second} are {student}'s: leave the one that counts"
            ));
        }
        self.0.extend(students.into_iter().map(|student| (student, download)));
        Ok(())
    }

    fn submissions(self) -> Vec<Submission> {
        let all = self.0.into_iter();
        all.map(|(student, download)| {
            Submission::of(student, download.parts.clone(), download.show())
        })
        .collect()
    }
}

fn of_either(one: &Person, other: &Person, download: &Download) -> String {
    format!(
        "{} may be that of {} or {}: write the number or address in its name into the roster, or rename it to one of \
         these names",
        download.show(),
        one.student,
        other.student
    )
}

fn of_nobody(download: &Download) -> String {
    let who = match &download.label {
        Label::Plain(_) => "add the student, or remove the file".to_owned(),
        Label::Canvas { name, id } => format!("add a line with the id {id} for {name}"),
        Label::Moodle { name, .. } => format!("add a line with the name {name}"),
        Label::Unusable { problem, .. } => problem.clone(),
        Label::Gradescope(submitters) => {
            let shown = submitters.iter().filter_map(|submitter| {
                submitter.email.as_ref().or(submitter.sid.as_ref()).or(submitter.name.as_ref())
            });
            let shown: Vec<String> = shown.take(5).map(|text| Foreign::new(text).line()).collect();
            format!("{} says that it is by {}: add them", metadata::FILE, shown.join(", "))
        }
    };
    format!("{} is nobody's in the roster: {who}", download.show())
}
