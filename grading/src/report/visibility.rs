//! What students are shown, as the rubric says.

use crate::results::TestResult;
use crate::rubric::Visibility;

/// Whether students are told the seeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seeds {
    /// No seed is told, so that they can be used again.
    Secret,
    /// The seeds that failed are told, so that students can replay their failures.
    Revealed,
}

/// Whether a student's own reports show the result of a test. What is to be shown only later is shown with
/// the seeds, when grading is over. Gradescope, which knows the dates, gets all results and their visibility.
pub(crate) fn is_shown(test: &TestResult, seeds: Seeds) -> bool {
    match test.visibility {
        Visibility::Visible => true,
        Visibility::AfterDueDate | Visibility::AfterPublished => seeds == Seeds::Revealed,
        Visibility::Hidden => false,
    }
}
