//! What students are shown, as the rubric says.

use super::feedback::Seeds;
use crate::results::TestResult;
use crate::rubric::Visibility;

/// Whether a student's own reports show the result of a test. What is to be shown only later is shown with
/// the seeds, when grading is over. Gradescope, which knows the dates, gets all results and their visibility.
pub(super) fn is_shown(test: &TestResult, seeds: Seeds) -> bool {
    match test.visibility {
        Visibility::Visible => true,
        Visibility::AfterDueDate | Visibility::AfterPublished => seeds == Seeds::Revealed,
        Visibility::Hidden => false,
    }
}
