//! The file of the adjustments.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::foreign::Foreign;
use crate::points::MOST_POINTS;
use crate::toml_file::{Problem, TomlFile, syntax_problem};

/// The largest factor. What is larger is a percentage, most likely.
const LARGEST_FACTOR: f64 = 2.0;

/// The most days that somebody is late.
const MOST_DAYS: f64 = 1000.0;

/// The adjustments of a class.
#[derive(Debug, Clone, Default)]
pub(crate) struct Adjustments(BTreeMap<String, Vec<Adjustment>>);

/// A change of a student's points.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Adjustment {
    pub(crate) change: Change,
    /// Why, for the student.
    pub(crate) reason: Foreign,
}

/// How the points of a student change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Change {
    /// The rubric says what this many days cost.
    LateDays(u32),
    /// The points are multiplied by this, which is from 0 to 2.
    Factor(f64),
    /// So many points are added.
    Points(f64),
}

impl Adjustments {
    /// Reads the adjustments of these students. `has_late` tells whether the rubric says what handing in late
    /// costs.
    ///
    /// # Errors
    ///
    /// All that is wrong, each problem in a line of its own, with file and line.
    pub(crate) fn read(
        path: &Path,
        students: &BTreeSet<&str>,
        has_late: bool,
    ) -> Result<Self, String> {
        Adjustments::of(&TomlFile::read(path, "the adjustments")?, students, has_late)
    }

    fn of(file: &TomlFile, students: &BTreeSet<&str>, has_late: bool) -> Result<Self, String> {
        let (content, errors) = DeTable::parse_recoverable(file.text());
        let mut reader =
            Reader { students, has_late, problems: errors.iter().map(syntax_problem).collect() };
        let found =
            if errors.is_empty() { reader.file(content.get_ref()) } else { BTreeMap::new() };
        match reader.problems {
            problems if problems.is_empty() => Ok(Adjustments(found)),
            problems => Err(file.complaints(problems)),
        }
    }

    /// The adjustments of a student.
    pub(crate) fn of_student(&self, student: &str) -> &[Adjustment] {
        self.0.get(student).map_or(&[], Vec::as_slice)
    }
}

/// Reads a file and notes all that is wrong.
struct Reader<'a> {
    students: &'a BTreeSet<&'a str>,
    has_late: bool,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn file(&mut self, content: &DeTable<'_>) -> BTreeMap<String, Vec<Adjustment>> {
        let mut found = BTreeMap::new();
        for (key, value) in content {
            match (key.get_ref().as_ref(), value.get_ref().as_table()) {
                ("student", Some(students)) => found = self.students(students),
                (other, _) => {
                    self.note(
                        key.span().start,
                        format!("unknown \"{other}\": write [[student.NAME]]"),
                    );
                }
            }
        }
        found
    }

    fn students(&mut self, students: &DeTable<'_>) -> BTreeMap<String, Vec<Adjustment>> {
        let mut found = BTreeMap::new();
        for (name, value) in students {
            let (student, position) = (name.get_ref().to_string(), name.span().start);
            if !self.students.contains(student.as_str()) {
                let problem =
                    format!("there are no results of a student \"{student}\": check the name");
                self.note(position, problem);
            }
            found.insert(student, self.entries(value, position));
        }
        found
    }

    /// The adjustments of one student. The position of a table may be unknown, so that its student's is given.
    fn entries(&mut self, value: &Spanned<DeValue<'_>>, position: usize) -> Vec<Adjustment> {
        let tables: Vec<(&DeTable<'_>, usize)> = match value.get_ref() {
            DeValue::Table(table) => vec![(table, position)],
            DeValue::Array(array) if array.iter().all(|entry| entry.get_ref().is_table()) => array
                .iter()
                .filter_map(|entry| {
                    Some((entry.get_ref().as_table()?, entry.span().start.max(position)))
                })
                .collect(),
            _ => {
                self.note(
                    position,
                    "write [[student.NAME]], and a change and its reason below it".to_owned(),
                );
                Vec::new()
            }
        };
        let found: Vec<Adjustment> = tables
            .into_iter()
            .filter_map(|(table, position)| self.entry(table, position))
            .collect();
        let is_late = |found: &&Adjustment| matches!(found.change, Change::LateDays(_));
        if found.iter().filter(is_late).count() > 1 {
            self.note(
                position,
                "late_days is there twice for one student: add the days up".to_owned(),
            );
        }
        found
    }

    fn entry(&mut self, table: &DeTable<'_>, position: usize) -> Option<Adjustment> {
        let before = self.problems.len();
        let mut changes = Vec::new();
        let mut reason = None;
        for (key, value) in table {
            let position = key.span().start;
            match key.get_ref().as_ref() {
                "reason" => match value.get_ref().as_str().map(str::trim) {
                    Some(text) if !text.is_empty() => reason = Some(Foreign::new(text)),
                    _ => self.note(position, "the reason must be a text that is not empty".to_owned()),
                },
                name @ ("points" | "factor" | "late_days") => {
                    changes.push(self.change(name, value.get_ref(), position));
                }
                other => self.note(
                    position,
                    format!("unknown \"{other}\": an adjustment has points, factor or late_days, and a reason"),
                ),
            }
        }
        if changes.len() != 1 {
            let problem = "an adjustment has exactly one of points, factor and late_days: write [[student.NAME]] \
                           for each";
            self.note(position, problem.to_owned());
        }
        if reason.is_none() && !table.contains_key("reason") {
            self.note(position, "the reason is missing, which the student reads".to_owned());
        }
        if self.problems.len() > before {
            return None;
        }
        Some(Adjustment { change: changes.pop()??, reason: reason? })
    }

    fn change(&mut self, name: &str, value: &DeValue<'_>, position: usize) -> Option<Change> {
        let (low, high) = match name {
            "points" => (-MOST_POINTS, MOST_POINTS),
            "factor" => (0.0, LARGEST_FACTOR),
            _ => (0.0, MOST_DAYS),
        };
        // A number that is none is in no range.
        let number = number(value).filter(|number| (low..=high).contains(number));
        let whole = |number: &f64| name != "late_days" || number.fract() == 0.0;
        let Some(number) = number.filter(whole) else {
            let kind = if name == "late_days" { "whole number" } else { "number" };
            self.note(position, format!("{name} must be a {kind} from {low} to {high}"));
            return None;
        };
        match name {
            "points" => Some(Change::Points(number)),
            "factor" => Some(Change::Factor(number)),
            _ if self.has_late => Some(Change::LateDays(number as u32)),
            _ => {
                let problem = "the rubric does not say what late_days cost: add [late] to it";
                self.note(position, problem.to_owned());
                None
            }
        }
    }

    fn note(&mut self, position: usize, problem: String) {
        self.problems.push((position, problem));
    }
}

/// A number that is written with decimal digits.
fn number(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str().parse().ok(),
        DeValue::Float(float) => float.as_str().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
impl Adjustments {
    /// The adjustments of one student, for a rubric that says what late days cost.
    pub(crate) fn just(student: &str, adjustments: Vec<Adjustment>) -> Self {
        Adjustments(BTreeMap::from([(student.to_owned(), adjustments)]))
    }
}

#[cfg(test)]
impl Adjustment {
    pub(crate) fn because(change: Change, reason: &str) -> Self {
        Adjustment { change, reason: Foreign::new(reason) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Adjustment, Adjustments, Change, TomlFile};

    fn read(text: &str, has_late: bool) -> Result<Adjustments, String> {
        let students = BTreeSet::from(["alice", "M\u{fc}ller, Anna"]);
        Adjustments::of(&TomlFile::of(text), &students, has_late)
    }

    #[test]
    fn a_student_has_any_number_of_adjustments() {
        let text = "
            [[student.alice]]
            late_days = 2
            reason = 'handed in on Wednesday'
            [[student.alice]]
            points = +3
            reason = \"a bug in our tests\"
            [student.\"M\u{fc}ller, Anna\"]
            factor = 0.9
            reason = ' resubmission '
        ";
        let found = read(text, true).expect("it is valid");
        let of = Adjustment::because;
        assert_eq!(
            found.of_student("alice"),
            [
                of(Change::LateDays(2), "handed in on Wednesday"),
                of(Change::Points(3.0), "a bug in our tests")
            ]
        );
        assert_eq!(
            found.of_student("M\u{fc}ller, Anna"),
            [of(Change::Factor(0.9), "resubmission")]
        );
        assert_eq!(found.of_student("bob"), []);
        assert!(read("", true).is_ok());
    }

    #[test]
    fn all_problems_are_reported_at_once_with_their_lines() {
        let text = "[[student.bob]]
points = -5
reason = 'x'
[[student.alice]]
points = nan
reason = ''
[[student.alice]]
factor = 90
[[student.alice]]
late_days = 1.5
reasons = 'x'
[[student.alice]]
points = 1
factor = 0.5
reason = 'both'
[[student.alice]]
reason = 'neither'
[students.alice]
points = 1
";
        let problems = read(text, true).expect_err("it is refused");
        let expected = [
            "test.toml:1: there are no results of a student \"bob\": check the name",
            "test.toml:5: points must be a number from -1000000 to 1000000",
            "test.toml:6: the reason must be a text that is not empty",
            "test.toml:7: the reason is missing, which the student reads",
            "test.toml:8: factor must be a number from 0 to 2",
            "test.toml:9: the reason is missing, which the student reads",
            "test.toml:10: late_days must be a whole number from 0 to 1000",
            "test.toml:11: unknown \"reasons\": an adjustment has points, factor or late_days, and a reason",
            "test.toml:12: an adjustment has exactly one of points, factor and late_days: write [[student.NAME]] for each",
            "test.toml:16: an adjustment has exactly one of points, factor and late_days: write [[student.NAME]] for each",
            "test.toml:18: unknown \"students\": write [[student.NAME]]",
        ];
        assert_eq!(problems.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn all_errors_of_syntax_are_reported() {
        let problems = read("[[student.alice]\npoints = = 1\nreason = x\n", true);
        let problems = problems.expect_err("it is refused");
        for line in ["test.toml:1: ", "test.toml:2: "] {
            assert!(problems.contains(line), "{problems}");
        }
        let twice = read("[[student.alice]]\npoints = 1\npoints = 2\nreason = 'a'\n", true);
        assert!(twice.is_err_and(|problem| problem.starts_with("test.toml:3: duplicate key")));
    }

    #[test]
    fn late_days_need_a_policy_and_are_there_once() {
        let text = "[[student.alice]]\nlate_days = 2\nreason = 'x'\n";
        assert!(read(text, true).is_ok());
        let problem = read(text, false).expect_err("it is refused");
        assert_eq!(
            problem,
            "test.toml:2: the rubric does not say what late_days cost: add [late] to it"
        );
        let problem = read(&text.repeat(2), true).expect_err("it is refused");
        assert_eq!(
            problem,
            "test.toml:1: late_days is there twice for one student: add the days up"
        );
    }

    #[test]
    fn numbers_are_decimal_and_within_bounds() {
        for (number, fine) in [
            ("points = 0x10", false),
            ("points = 1e7", false),
            ("points = '5'", false),
            ("points = 1_000", true),
            ("points = -0.25", true),
            ("factor = 0", true),
            ("factor = -0.1", false),
            ("late_days = -1", false),
            ("late_days = 99999999999999999999", false),
            ("late_days = 3.0", true),
        ] {
            let text = format!("[student.alice]\n{number}\nreason = 'x'\n");
            assert_eq!(read(&text, true).is_ok(), fine, "{number}");
        }
    }
}
