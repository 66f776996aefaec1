//! Leaving out all submissions but a few.

use std::collections::BTreeSet;

use super::handed_in::HandedIn;
use crate::foreign::Foreign;
use crate::problems::Problems;

impl HandedIn {
    /// What these students have handed in, and nothing of anybody else. A text is a name, or names with commas between
    /// them.
    ///
    /// # Errors
    ///
    /// If one of them has handed in nothing, or is not known: a line for each.
    pub(crate) fn only(mut self, texts: &[String]) -> Result<HandedIn, String> {
        let mut problems = Problems::default();
        let has_submission =
            |student: &str| self.submissions.iter().any(|one| one.student == student);
        let is_missing = |student: &str| self.missing.iter().any(|missing| missing == student);
        let mut wanted: BTreeSet<&str> = BTreeSet::new();
        for text in texts {
            // A name may have a comma itself.
            if has_submission(text) || is_missing(text) {
                wanted.insert(text);
            } else {
                wanted.extend(text.split(',').map(str::trim));
            }
        }
        for student in &wanted {
            if is_missing(student) {
                problems
                    .add(format!("{student} has handed in nothing: leave that name out of --only"));
            } else if !has_submission(student) {
                problems.add(format!(
                    "no submission is that of \"{}\": --only takes names as the results have them",
                    Foreign::new(*student).line()
                ));
            }
        }
        problems.check()?;
        self.submissions.retain(|found| wanted.contains(found.student.as_str()));
        self.missing.clear();
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::HandedIn;
    use crate::submission::Submission;

    fn handed_in() -> HandedIn {
        let submission = |name: &str| Submission::named(name, PathBuf::from(name));
        HandedIn {
            submissions: ["ann", "ben", "cy", "Doe, Jane"].map(submission).to_vec(),
            missing: vec!["dan".to_owned()],
            ..HandedIn::default()
        }
    }

    #[test]
    fn only_those_are_left_who_are_named() {
        let names = ["ben,ann", "ben", "Doe, Jane"].map(str::to_owned);
        let found = handed_in().only(&names).expect("all are there");
        let students: Vec<&str> = found.submissions.iter().map(|one| &*one.student).collect();
        assert_eq!((students, found.missing), (vec!["ann", "ben", "Doe, Jane"], vec![]));
    }

    #[test]
    fn whoever_is_not_there_is_named() {
        let names = ["ann", "dan", "e\u{1b}"].map(str::to_owned);
        let problems = handed_in().only(&names).expect_err("two are not there");
        let expected = [
            "dan has handed in nothing: leave that name out of --only",
            "no submission is that of \"e\\u{1b}\": --only takes names as the results have them",
        ];
        assert_eq!(problems.lines().collect::<Vec<_>>(), expected);
    }
}
