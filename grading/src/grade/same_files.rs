//! Submissions with the same files are built and run once.

use std::collections::HashMap;
use std::collections::hash_map;

use parking_lot::Mutex;

use crate::runlog::{Build, Outcome};

/// Which files are being graded now, or have been since grading started or resumed, by what identifies them.
#[derive(Default)]
pub(super) struct SameFiles(Mutex<HashMap<String, State>>);

enum State {
    /// A worker builds and runs them. The others who have handed them in wait for what comes of it.
    InProgress(Vec<Build>),
    /// What came of building them.
    Done(Ended),
}

/// What came of building files: the same for everybody who has handed them in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) outcome: Outcome,
    pub(super) message: String,
}

/// What to do with files that somebody has handed in.
#[derive(Debug, PartialEq)]
pub(super) enum Turn {
    /// Build and run them, and then call [`SameFiles::finish`].
    Grade,
    /// Nothing: the worker that has them notes the build of this student, too.
    Wait,
    /// Note that the build of this student ended like this.
    Note(Build),
}

impl SameFiles {
    /// Whose turn it is; `build` is the build of the student who has handed in these files, without its outcome.
    pub(super) fn turn(&self, build: &Build) -> Turn {
        match self.0.lock().entry(build.submission.clone()) {
            hash_map::Entry::Vacant(entry) => {
                entry.insert(State::InProgress(Vec::new()));
                Turn::Grade
            }
            hash_map::Entry::Occupied(mut entry) => match entry.get_mut() {
                State::InProgress(waiting) => {
                    waiting.push(build.clone());
                    Turn::Wait
                }
                State::Done(ended) => Turn::Note(ended.of(build.clone())),
            },
        }
    }

    /// Says what came of files, and returns the builds of those who wait for it. After a fault of the grader, the next
    /// student with these files makes another attempt.
    pub(super) fn finish(&self, submission: &str, ended: &Ended) -> Vec<Build> {
        let mut all = self.0.lock();
        let before = if ended.outcome == Outcome::Fault {
            all.remove(submission)
        } else {
            all.insert(submission.to_owned(), State::Done(ended.clone()))
        };
        match before {
            Some(State::InProgress(waiting)) => {
                waiting.into_iter().map(|build| ended.of(build)).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl Ended {
    /// The build of a student that ended like this.
    pub(super) fn of(&self, build: Build) -> Build {
        Build { outcome: self.outcome, message: self.message.clone(), ..build }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ended, SameFiles, Turn};
    use crate::runlog::{Build, Outcome};

    fn build(student: &str) -> Build {
        Build { student: student.to_owned(), submission: "abc".to_owned(), ..Build::default() }
    }

    #[test]
    fn files_are_graded_once_for_all_who_have_them() {
        let same = SameFiles::default();
        let ended = Ended { outcome: Outcome::BuildError, message: "no".to_owned() };
        assert_eq!(same.turn(&build("a")), Turn::Grade);
        assert_eq!(same.turn(&build("b")), Turn::Wait);
        assert_eq!(same.finish("abc", &ended), [ended.of(build("b"))]);
        assert_eq!(same.turn(&build("c")), Turn::Note(ended.of(build("c"))));
    }

    #[test]
    fn a_fault_is_not_for_ever() {
        let same = SameFiles::default();
        let fault = Ended { outcome: Outcome::Fault, message: String::new() };
        assert_eq!(same.turn(&build("a")), Turn::Grade);
        assert_eq!(same.turn(&build("b")), Turn::Wait);
        assert_eq!(same.finish("abc", &fault), [fault.of(build("b"))]);
        assert_eq!(same.turn(&build("c")), Turn::Grade);
    }
}
