//! What makes points out of runs.

use crate::adjustments::Adjustments;
use crate::rubric::{Item, Late, RubricId};

/// What makes points out of runs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scoring {
    /// The tests and what they are worth.
    pub(crate) items: Vec<Item>,
    /// The rubric that says so.
    pub(crate) rubric: RubricId,
    /// What handing in late costs, if the rubric says so.
    pub(crate) late: Option<Late>,
    /// What the instructor changes for single students.
    pub(crate) adjustments: Adjustments,
}
