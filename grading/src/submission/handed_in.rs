//! What a class has handed in.

use std::collections::BTreeMap;

use super::input::Submission;

/// What a class has handed in.
#[derive(Debug, Default)]
pub(crate) struct HandedIn {
    /// Sorted by student.
    pub(crate) submissions: Vec<Submission>,
    /// The students of the roster who have handed in nothing, in its order.
    pub(crate) missing: Vec<String>,
    /// The names of files that were not taken for submissions, clean, and in one line each.
    pub(crate) ignored: Vec<String>,
}

impl HandedIn {
    /// What has been handed in at several times. Of each student, what came last counts.
    pub(crate) fn in_order(all: Vec<HandedIn>) -> HandedIn {
        let mut submissions = BTreeMap::new();
        let (mut missing, mut ignored) = (Vec::new(), Vec::new());
        for one in all {
            ignored.extend(one.ignored);
            missing = one.missing;
            for submission in one.submissions {
                submissions.insert(submission.student.clone(), submission);
            }
        }
        missing.retain(|student| !submissions.contains_key(student));
        HandedIn { submissions: submissions.into_values().collect(), missing, ignored }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{HandedIn, Submission};

    #[test]
    fn what_came_last_counts() {
        let at_time = |folder: &str, students: &[&str], missing: &[&str]| HandedIn {
            submissions: students
                .iter()
                .map(|student| Submission::named(student, PathBuf::from(folder).join(student)))
                .collect(),
            missing: missing.iter().map(|student| (*student).to_owned()).collect(),
            ignored: vec![folder.to_owned()],
        };
        let first = at_time("first", &["ann", "ben"], &["cem", "dan"]);
        let late = at_time("late", &["ben", "cem"], &["ann", "dan"]);
        let [expected_ann, _] =
            at_time("first", &["ann", "ben"], &[]).submissions.try_into().expect("two");
        let [ben, cem] = at_time("late", &["ben", "cem"], &[]).submissions.try_into().expect("two");
        let all = HandedIn::in_order(vec![first, late]);
        assert_eq!(all.submissions, [expected_ann, ben, cem]);
        assert_eq!(all.missing, ["dan"]);
        assert_eq!(all.ignored, ["first", "late"]);
    }
}
