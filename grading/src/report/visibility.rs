//! What students are shown, as the rubric says.

use crate::foreign::Foreign;
use crate::results::{FirstFailure, StudentResult, TestResult};
use crate::rubric::{Detail, Visibility};

/// Whether students are told the seeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seeds {
    /// No seed is told, so that they can be used again.
    Secret,
    /// The seeds that failed are told, so that students can replay their failures.
    Revealed,
}

/// The results of a student without anything that the student is not to see. All reports that students get are
/// made from it, and from nothing else.
///
/// If tests are not shown, the points are those of the tests that are: from the points of all tests, students
/// could work out those of the others. For the same reason nothing says how many points an adjustment has cost.
pub(crate) struct StudentView {
    /// What remains of the results.
    pub(crate) result: StudentResult,
    /// How many tests are not shown.
    pub(crate) withheld: usize,
}

impl StudentView {
    /// What a student's own reports show. What is to be shown only later is shown with the seeds, when grading is
    /// over.
    pub(crate) fn of(student: &StudentResult, seeds: Seeds) -> Self {
        let mut result = student.clone();
        result.tests.retain(|test| is_shown(test, seeds));
        result.tests.iter_mut().for_each(|test| redact(test, seeds));
        let withheld = student.tests.len() - result.tests.len();
        if withheld > 0 {
            result.before = result.tests.iter().map(|test| test.points).sum();
            result.points = result.before;
            result.possible = result.tests.iter().map(|test| test.possible).sum();
            result.adjustments.iter_mut().for_each(|step| step.points = None);
        }
        StudentView { result, withheld }
    }

    /// What Gradescope gets, which knows the dates: the results of all tests, with their visibility. It hides the
    /// total as long as it hides a test.
    pub(super) fn for_gradescope(student: &StudentResult) -> Self {
        let mut result = student.clone();
        result.tests.iter_mut().for_each(|test| redact(test, Seeds::Secret));
        StudentView { result, withheld: 0 }
    }
}

/// Whether a student's own reports show the result of a test.
fn is_shown(test: &TestResult, seeds: Seeds) -> bool {
    match test.visibility {
        Visibility::Visible => true,
        Visibility::AfterDueDate | Visibility::AfterPublished => seeds == Seeds::Revealed,
        Visibility::Hidden => false,
    }
}

/// Whether a student's own reports show the message and the picture of the first failure.
pub(super) fn is_told(test: &TestResult, seeds: Seeds) -> bool {
    is_shown(test, seeds) && test.detail == Detail::Message
}

/// Removes what the student is not to see of the failures of a test that is shown.
fn redact(test: &mut TestResult, seeds: Seeds) {
    // Students are told the first one at most.
    test.failing_seeds.clear();
    let first = test.first.take();
    test.first = match test.detail {
        Detail::Points => None,
        Detail::Class => first.map(|first| class_alone(&first)),
        Detail::Message => first.map(|first| FirstFailure {
            seed: first.seed.filter(|_| seeds == Seeds::Revealed),
            ..first
        }),
    };
    if test.detail == Detail::Points {
        test.failures.clear();
    }
}

fn class_alone(first: &FirstFailure) -> FirstFailure {
    FirstFailure {
        class: first.class,
        seed: None,
        expected: Foreign::default(),
        seen: Foreign::default(),
        details: Foreign::default(),
        virtual_seconds: None,
        picture: None,
    }
}
