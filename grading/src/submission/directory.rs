//! Finding people of the roster by what downloads are called.

use std::collections::{BTreeMap, BTreeSet};

use super::full_name::{joined, spellings};
use super::label::{Label, Submitter};
use crate::roster::{Person, Roster};

/// People, by everything that a download may call them.
pub(super) struct Directory<'a> {
    roster: &'a Roster,
    students: Index<'a>,
    ids: Index<'a>,
    emails: Index<'a>,
    /// By each spelling of the full name.
    names: Index<'a>,
    groups: Index<'a>,
}

type People<'a> = BTreeSet<&'a Person>;

/// People by a text in lower case.
#[derive(Default)]
struct Index<'a>(BTreeMap<String, People<'a>>);

/// Whose a download is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Owners<'a> {
    /// One person's, or that of all these, who work together.
    Known(People<'a>),
    /// Nobody's who is in the roster.
    Nobody,
    /// One of these two: the roster does not say which.
    Either(&'a Person, &'a Person),
}

impl<'a> Index<'a> {
    fn add(&mut self, text: &str, person: &'a Person) {
        self.0.entry(text.to_lowercase()).or_default().insert(person);
    }

    fn get(&self, text: &str) -> People<'a> {
        self.0.get(&text.to_lowercase()).cloned().unwrap_or_default()
    }
}

impl<'a> Directory<'a> {
    /// Everybody in the roster.
    pub(super) fn of(roster: &'a Roster) -> Self {
        let [students, ids, emails, names, groups] = std::array::from_fn(|_| Index::default());
        let mut all = Directory { roster, students, ids, emails, names, groups };
        for person in roster.people() {
            all.students.add(&person.student, person);
            person.id.iter().for_each(|id| all.ids.add(id, person));
            person.email.iter().for_each(|email| all.emails.add(email, person));
            person.group.iter().for_each(|group| all.groups.add(&joined(group), person));
            for name in person.name.iter().flat_map(|name| spellings(name)) {
                all.names.add(&name, person);
            }
        }
        all
    }

    /// Whose a download with this label is: the members of a group all own what one of them has handed in.
    pub(super) fn owners(&self, label: &Label) -> Owners<'a> {
        let name = match label {
            Label::Plain(name) | Label::Canvas { name, .. } | Label::Moodle { name, .. } => name,
            Label::Gradescope(submitters) => return self.together(submitters),
            Label::Unusable { .. } => return Owners::Nobody,
        };
        let found = match label {
            Label::Canvas { id, .. } => self.canvas(name, id),
            Label::Moodle { number, .. } => {
                first([self.names.get(&joined(name)), self.ids.get(number)])
            }
            _ => self.plain(name),
        };
        if found.is_empty() {
            let members = self.groups.get(&joined(name));
            return if members.is_empty() { Owners::Nobody } else { Owners::Known(members) };
        }
        match two(&found) {
            Some((one, other)) => Owners::Either(one, other),
            None => self.with_groups(found),
        }
    }

    fn plain(&self, text: &str) -> People<'a> {
        if let Some(exact) = self.roster.get(text) {
            return People::from([exact]);
        }
        let names = self.names.get(&joined(text));
        let found = [self.students.get(text), self.ids.get(text), self.emails.get(text), names];
        found.into_iter().flatten().collect()
    }

    /// By the number. If the name is that of others, the number may be of another kind, and nobody can be sure.
    fn canvas(&self, name: &str, id: &str) -> People<'a> {
        let (by_id, by_name) = (self.ids.get(id), self.names.get(&joined(name)));
        if by_id.is_empty() || by_name.is_empty() || !by_id.is_disjoint(&by_name) {
            first([by_id, by_name])
        } else {
            by_id.union(&by_name).copied().collect()
        }
    }

    /// Those who have handed something in together on Gradescope.
    fn together(&self, submitters: &[Submitter]) -> Owners<'a> {
        let mut all = People::new();
        for submitter in submitters {
            let of = |index: &Index<'a>, text: &Option<String>| {
                text.as_deref().map(|text| index.get(text)).unwrap_or_default()
            };
            let name = submitter.name.as_deref().map(joined);
            let mut found = first([
                of(&self.emails, &submitter.email),
                of(&self.ids, &submitter.sid),
                of(&self.names, &name),
            ]);
            match two(&found) {
                Some((one, other)) => return Owners::Either(one, other),
                None if found.is_empty() => return Owners::Nobody,
                None => all.append(&mut found),
            }
        }
        if all.is_empty() { Owners::Nobody } else { self.with_groups(all) }
    }

    fn with_groups(&self, found: People<'a>) -> Owners<'a> {
        let groups = found.iter().filter_map(|person| person.group.as_deref());
        let members: People<'a> =
            groups.flat_map(|group| self.groups.get(&joined(group))).collect();
        Owners::Known(&found | &members)
    }
}

/// Two of these people, if there are more than one.
fn two<'a>(people: &People<'a>) -> Option<(&'a Person, &'a Person)> {
    let mut people = people.iter();
    Some((people.next()?, people.next()?))
}

/// The first of these that is not empty.
fn first<'a, const COUNT: usize>(found: [People<'a>; COUNT]) -> People<'a> {
    found.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::label::{Label, Submitter, read};
    use super::{Directory, Owners};
    use crate::roster::Roster;

    const ROSTER: &str = "student,name,id,email,group\n\
        jane,Jane Smith,17,jane@uni.edu,\n\
        jim,\"O'Hara, Jim\",18,jim@uni.edu,Team 1\n\
        joe,Joe Doe,19,joe@uni.edu,team 1\n\
        lee1,Lee Wu,20,,\n\
        lee2,Wu Lee,21,,\n\
        zoe,,,,\n";

    fn roster() -> Roster {
        let folder = tempfile::tempdir().expect("the disk is writable");
        let path = folder.path().join("roster.csv");
        std::fs::write(&path, ROSTER).expect("the disk is writable");
        Roster::load(&path).expect("it is valid")
    }

    /// The owners' names; a question mark stands between two of whom one is meant.
    fn owners(label: &Label) -> String {
        match Directory::of(&roster()).owners(label) {
            Owners::Known(people) => {
                people.iter().map(|person| person.student.as_str()).collect::<Vec<_>>().join(" ")
            }
            Owners::Nobody => String::new(),
            Owners::Either(one, other) => format!("{}?{}", one.student, other.student),
        }
    }

    #[test]
    fn people_are_found_by_whatever_a_download_is_called() {
        for (file, expected) in [
            ("jane.rs", "jane"),
            ("JANE.zip", "jane"),
            ("17.rs", "jane"),
            ("Jane@uni.edu.tar.gz", "jane"),
            ("Smith, Jane", "jane"),
            ("smithjane_17_900_raft.rs", "jane"),
            ("smithjane_LATE_99_900_raft.rs", "jane"),
            ("Smith Jane_99_assignsubmission_file_", "jane"),
            ("Participant_17_assignsubmission_file", "jane"),
            ("zoe.git", "zoe"),
            // A group's submission is everybody's.
            ("jim.rs", "jim joe"),
            ("ohara jim_4_assignsubmission_file", "jim joe"),
            ("Team 1_4_assignsubmission_file", "jim joe"),
            ("team1_4_900_raft.rs", "jim joe"),
            // Two people of the same name are told apart by their numbers alone.
            ("Lee Wu_99_assignsubmission_file_", "lee1?lee2"),
            ("wulee_21_900_raft.rs", "lee2"),
            ("wulee_99_900_raft.rs", "lee1?lee2"),
            // The number of one and the name of another.
            ("smithjane_19_900_raft.rs", "jane?joe"),
            ("nobody.rs", ""),
            ("nobody_1_2_raft.rs", ""),
            ("\u{1b}.rs", ""),
        ] {
            assert_eq!(owners(&read(file.as_bytes()).0), expected, "{file}");
        }
    }

    #[test]
    fn gradescope_says_who_has_worked_together() {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let submitter = |name: &str, sid: &str, email: &str| Submitter {
            name: some(name),
            sid: some(sid),
            email: some(email),
        };
        for (submitters, expected) in [
            (vec![submitter("x", "19", "jane@uni.edu")], "jane"),
            (vec![submitter("Jane Smith", "", "")], "jane"),
            (vec![submitter("", "20", ""), submitter("Jane Smith", "", "")], "jane lee1"),
            (vec![submitter("", "19", "")], "jim joe"),
            (vec![submitter("Lee Wu", "", "")], "lee1?lee2"),
            (vec![submitter("", "17", ""), submitter("", "99", "")], ""),
            (vec![], ""),
        ] {
            assert_eq!(owners(&Label::Gradescope(submitters.clone())), expected, "{submitters:?}");
        }
    }
}
