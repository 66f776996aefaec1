//! Whose points are exported.

use crate::names::list;
use crate::results::{Results, StudentResult};
use crate::roster::{Person, Roster};

/// The results of a class, and who is in it.
pub(crate) struct Class {
    pub(crate) results: Results,
    /// `None` if the instructor has given no roster: then only the names of the submissions are known.
    pub(crate) roster: Option<Roster>,
}

/// Somebody with final points.
#[derive(Clone, Copy)]
pub(super) struct Member<'a> {
    pub(super) result: &'a StudentResult,
    pub(super) person: Option<&'a Person>,
}

/// Who gets points, and who does not.
pub(super) struct Members<'a> {
    pub(super) graded: Vec<Member<'a>>,
    /// A sentence for each reason why some get none.
    pub(super) left_out: Vec<String>,
}

impl Class {
    /// Everybody with final points, in the order of the roster or, without one, of the results.
    pub(super) fn members(&self) -> Members<'_> {
        let everybody: Vec<_> = match &self.roster {
            Some(roster) => self.members_of(roster),
            None => {
                let result = |result| Member { result, person: None };
                self.results.students.iter().map(result).collect()
            }
        };
        let strangers = self.roster.iter().flat_map(|roster| self.strangers(roster));
        let strangers: Vec<_> = strangers.map(|result| result.student.line()).collect();
        let absent = self.roster.iter().flat_map(|roster| self.absent(roster));
        let absent: Vec<_> = absent.map(|person| person.student.clone()).collect();
        let (open, graded): (Vec<_>, Vec<_>) =
            everybody.into_iter().partition(|member: &Member<'_>| member.result.incomplete);
        let mut left_out = Vec::new();
        if !strangers.is_empty() {
            left_out.push(format!("not in the roster, so left out: {}", list(strangers)));
        }
        if !absent.is_empty() {
            left_out.push(format!("not in these results, so left out: {}", list(absent)));
        }
        if !open.is_empty() {
            let names = open.iter().map(Member::name);
            left_out.push(format!(
                "without final points, so left out: {}; resume the grading, and export again",
                list(names)
            ));
        }
        Members { graded, left_out }
    }

    /// The people with a result of their own or of their group.
    fn members_of<'a>(&'a self, roster: &'a Roster) -> Vec<Member<'a>> {
        let member =
            |person| Some(Member { result: self.result_for(person)?, person: Some(person) });
        roster.people().filter_map(member).collect()
    }

    /// The people without a result.
    fn absent<'a>(&self, roster: &'a Roster) -> impl Iterator<Item = &'a Person> {
        roster.people().filter(|person| self.result_for(person).is_none())
    }

    /// The results of nobody in the roster.
    fn strangers(&self, roster: &Roster) -> impl Iterator<Item = &StudentResult> {
        self.results.students.iter().filter(|result| {
            let name = result.student.raw();
            let is_group = |person: &Person| person.group.as_deref() == Some(name);
            roster.get(name).is_none() && !roster.people().any(is_group)
        })
    }

    fn result_for(&self, person: &Person) -> Option<&StudentResult> {
        let names = [Some(&person.student), person.group.as_ref()];
        names.into_iter().flatten().find_map(|name| self.result_of(name))
    }

    fn result_of(&self, student: &str) -> Option<&StudentResult> {
        self.results.students.iter().find(|result| result.student.raw() == student)
    }
}

impl<'a> Member<'a> {
    /// The name by which the instructor knows the member, in one line.
    pub(super) fn name(&self) -> String {
        self.person.map_or_else(|| self.result.student.line(), |person| person.student.clone())
    }

    /// The same as it is, for the name of a folder.
    pub(super) fn folder(&self) -> &'a str {
        self.person.map_or_else(|| self.result.student.raw(), |person| person.student.as_str())
    }

    /// The id and the address in the roster, and the account of the address; in small letters, as all keys. If
    /// there are any, nothing else tells who this is.
    pub(super) fn ids(&self) -> Vec<String> {
        let person = self.person;
        let id = person.and_then(|person| person.id.as_deref());
        let email = person.and_then(|person| person.email.as_deref());
        let account = email.and_then(|email| Some(email.split_once('@')?.0));
        [id, email, account].into_iter().flatten().map(key).collect()
    }

    /// The name of the submission, and the numbers in it: course systems put theirs into the names of what they
    /// let instructors download.
    pub(super) fn names(&self) -> Vec<String> {
        let name = self.folder();
        let is_number =
            |part: &&str| part.len() > 2 && part.bytes().all(|letter| letter.is_ascii_digit());
        let numbers = name.split('_').filter(is_number);
        numbers.chain([name]).map(key).collect()
    }

    /// The full name, if it is known.
    pub(super) fn full_name(&self) -> Option<&'a str> {
        self.person.and_then(|person| person.name.as_deref())
    }
}

/// A text as keys are compared.
pub(super) fn key(text: &str) -> String {
    text.trim().to_lowercase()
}
