//! The file of the adjustments.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use toml::de::DeTable;

use super::adjustment::Adjustment;
use super::reader::Reader;
use crate::toml_file::{TomlFile, syntax_problem};

/// The adjustments of a class.
#[derive(Debug, Clone, Default)]
pub(crate) struct Adjustments(BTreeMap<String, Vec<Adjustment>>);

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

#[cfg(test)]
impl Adjustments {
    /// The adjustments of one student, for a rubric that says what late days cost.
    pub(crate) fn just(student: &str, adjustments: Vec<Adjustment>) -> Self {
        Adjustments(BTreeMap::from([(student.to_owned(), adjustments)]))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Adjustment, Adjustments, TomlFile};
    use crate::adjustments::Change;

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
        for nothing in ["[]", "[1]", "3"] {
            let problem =
                read(&format!("student.alice = {nothing}"), true).expect_err("it is refused");
            assert!(problem.starts_with("test.toml:1: write [[student.NAME]]"), "{problem}");
        }
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
            "test.toml:2: the rubric does not say what late_days cost: add [late] to it, or name another one with --rubric"
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
