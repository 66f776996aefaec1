//! A single adjustment.

use crate::foreign::Foreign;

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

#[cfg(test)]
impl Adjustment {
    pub(crate) fn because(change: Change, reason: &str) -> Self {
        Adjustment { change, reason: Foreign::new(reason) }
    }
}
