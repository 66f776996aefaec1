//! What a class has handed in.

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
