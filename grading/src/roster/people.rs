//! The people of a class.

use std::collections::BTreeMap;
use std::path::Path;

use super::person::Person;
use super::table::{Row, read};
use crate::files::read_text;
use crate::problems::Problems;
use crate::submission::is_usable;

/// The largest roster, in bytes. One of a thousand people has about 100 KiB.
const SIZE: u64 = 4 << 20;

/// Who is in the class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Roster {
    people: Vec<Person>,
    /// The place of each student in `people`.
    places: BTreeMap<String, usize>,
}

impl Roster {
    /// Reads a CSV file with a row for each student. Its first row names the columns: `student` must be there;
    /// `name`, `id`, `email` and `group` may be, and others are ignored. The gradebook that Canvas exports is such a
    /// file; the rows in it that are nobody's are left out.
    ///
    /// # Errors
    ///
    /// If it cannot be read, is larger than 4 MiB, has no students, or if names, numbers or addresses are invalid
    /// or not unique: a line for each problem, which says where it is and how to mend it.
    pub(crate) fn load(path: &Path) -> Result<Roster, String> {
        let file = path.display().to_string();
        let text = read_text(path, SIZE).map_err(|problem| {
            let is_text = !problem.ends_with("is not UTF-8 text");
            if is_text { problem } else { format!("{problem}: save it as \"CSV UTF-8\"") }
        })?;
        let mut problems = Problems::default();
        let mut note =
            |line: u64, sentence: &str| problems.add(format!("{file}, line {line}: {sentence}"));
        let rows = read(&text, &mut note).map_err(|problem| format!("{file}{problem}"))?;
        check(&rows, &mut note);
        problems.check()?;
        if rows.is_empty() {
            return Err(format!("{file} has no students below its header"));
        }
        let people: Vec<Person> = rows.into_iter().map(|row| row.person).collect();
        let students = people.iter().map(|person| person.student.clone());
        Ok(Roster { places: students.zip(0..).collect(), people })
    }

    /// The person whom the results call `student`.
    pub(crate) fn get(&self, student: &str) -> Option<&Person> {
        self.places.get(student).map(|place| &self.people[*place])
    }

    /// All people, in the order of the file.
    pub(crate) fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.iter()
    }
}

/// Checks the names, and that what must be unique is.
fn check(rows: &[Row], note: &mut impl FnMut(u64, &str)) {
    let mut seen: BTreeMap<(&str, String), u64> = BTreeMap::new();
    for Row { line, person } in rows {
        if person.student.is_empty() {
            note(*line, "the cell of the column student is empty: name the student");
            continue;
        }
        if !is_usable(&person.student) || person.student.starts_with('.') {
            let sentence = format!(
                "\"{}\" cannot be the name of a folder: choose another name for the column student",
                person.student
            );
            note(*line, &sentence);
        }
        for (column, text) in [
            ("student", Some(&person.student)),
            ("id", person.id.as_ref()),
            ("email", person.email.as_ref()),
        ] {
            let Some(text) = text else { continue };
            let key = if column == "email" { text.to_lowercase() } else { text.clone() };
            let first = *seen.entry((column, key)).or_insert(*line);
            if first != *line {
                let sentence =
                    format!("the {column} \"{text}\" is also in line {first}: leave one");
                note(*line, &sentence);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Person, Roster};

    fn load(text: impl AsRef<[u8]>) -> Result<Roster, String> {
        let folder = tempfile::tempdir().expect("the disk is writable");
        let path = folder.path().join("roster.csv");
        std::fs::write(&path, text).expect("the disk is writable");
        let prefix = format!("{}/", folder.path().display());
        Roster::load(&path).map_err(|problem| problem.replace(&prefix, ""))
    }

    fn person(student: &str) -> Person {
        Person { student: student.to_owned(), name: None, id: None, email: None, group: None }
    }

    #[test]
    fn people_are_read_with_what_is_known_of_them() {
        let text = "\u{feff}Student, name ,id,section,email,group\r\n\
                    zoe,\"Müller, Zoe\",17,A,zoe@uni.edu,g1\r\n\
                    \r\n\
                    bob,,,,,\r\n";
        let roster = load(text).expect("it is valid");
        let zoe = Person {
            name: Some("Müller, Zoe".to_owned()),
            id: Some("17".to_owned()),
            email: Some("zoe@uni.edu".to_owned()),
            group: Some("g1".to_owned()),
            ..person("zoe")
        };
        assert_eq!(roster.people().collect::<Vec<_>>(), [&zoe, &person("bob")]);
        assert_eq!(roster.get("zoe"), Some(&zoe));
        assert_eq!(roster.get("bob"), Some(&person("bob")));
        assert_eq!(roster.get("Zoe"), None);
    }

    #[test]
    fn the_gradebook_of_canvas_is_a_roster() {
        let text = "Student,ID,SIS User ID,SIS Login ID,Section,Lab 2 (9)\n\
                    ,,,,,Manual Posting\n\
                    \"    Points Possible\",,,,,50\n\
                    \"Doe, Jane\",1001,s1,jane,A,\n\
                    \"Student, Test\",1002,,x,A,\n";
        let roster = load(text).expect("it is valid");
        let jane = Person { id: Some("1001".to_owned()), ..person("Doe, Jane") };
        assert_eq!(roster.people().collect::<Vec<_>>(), [&jane]);
    }

    #[test]
    fn all_problems_are_named_at_once() {
        let text = "student,id,email\n\
                    a,1,a@x\n\
                    ../b,1,A@X\n\
                    a,2,b@x\n\
                    ,3,c@x\n\
                    .d,4,d@x\n\
                    e,5\n\
                    f\u{1b},6,f@x\n";
        let problem = load(text).expect_err("it is not valid");
        let lines: Vec<&str> = problem.lines().collect();
        let expected = [
            "roster.csv, line 7: it has 2 cells, and the header 3: add or remove commas, and close quotation marks",
            "roster.csv, line 8: \"f\\u{1b}\" has a character that is not shown: remove it",
            "roster.csv, line 3: \"../b\" cannot be the name of a folder: choose another name for the column student",
            "roster.csv, line 3: the id \"1\" is also in line 2: leave one",
            "roster.csv, line 3: the email \"A@X\" is also in line 2: leave one",
            "roster.csv, line 4: the student \"a\" is also in line 2: leave one",
            "roster.csv, line 5: the cell of the column student is empty: name the student",
            "roster.csv, line 6: \".d\" cannot be the name of a folder: choose another name for the column student",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn many_problems_are_counted() {
        let problem = load(format!("student\n{}", "a/b\n".repeat(50))).expect_err("it is invalid");
        assert_eq!(problem.lines().count(), 21, "{problem}");
        assert!(problem.ends_with("\nand 79 more problems like these"), "{problem}");
    }

    #[test]
    fn a_file_of_another_kind_is_named_with_the_fix() {
        for (text, expected) in [
            ("student;id\na;1\n", "its columns are separated by semicolons: save it with commas"),
            ("student\tid\na\t1\n", "its columns are separated by tabs: save it with commas"),
            ("name,id\na,1\n", "its first line names no column student: add it"),
            ("student,id,ID\na,1,1\n", "its first line names the column id twice: leave one"),
            ("student,id\n", "has no students below its header"),
            ("", "its first line names no column student: add it"),
        ] {
            let problem = load(text).expect_err("it is not valid");
            assert!(problem.starts_with("roster.csv") && problem.contains(expected), "{problem}");
        }
        let problem = load(b"student\nM\xfcller\n").expect_err("it is not valid");
        assert!(problem.ends_with("is not UTF-8 text: save it as \"CSV UTF-8\""), "{problem}");
        let problem = load("student,name\na,\"b\nc,d\n").expect_err("it is not valid");
        assert!(problem.contains("line 2: a quoted cell does not end on its line"), "{problem}");
        let long = format!("student,name\na,{}\n", "b ".repeat(500));
        let problem = load(long).expect_err("it is not valid");
        assert!(problem.contains("line 2: a cell is longer than 200 bytes"), "{problem}");
        let problem = load(vec![b'a'; 5 << 20]).expect_err("it is too large");
        assert!(problem.contains("larger than 4096 KiB"), "{problem}");
    }
}
