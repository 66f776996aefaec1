//! What students are shown of a test's results, and when.

use serde::{Deserialize, Serialize};

/// When students see a result, in Gradescope's terms. What comes later is greater.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Visibility {
    /// At once.
    #[default]
    Visible,
    /// After the due date.
    AfterDueDate,
    /// When the grades are published.
    AfterPublished,
    /// Never.
    Hidden,
}

/// How much students see of a failure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Detail {
    /// How many runs passed, and the points.
    Points,
    /// Also in which way runs failed, such as "deadlock", and a hint about it.
    Class,
    /// Also the message and the picture of the first failure, and its seed when seeds are told.
    #[default]
    Message,
}
