//! A test and what it is worth.

use super::share::Share;
use super::shown::{Detail, Visibility};

/// A test and what it is worth.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// The full name, such as `2A::initial_election`.
    pub(crate) test: String,
    pub(crate) stage: String,
    pub(crate) title: String,
    pub(crate) points: f64,
    /// The full names of the tests that it needs.
    pub(crate) needs: Vec<String>,
    pub(crate) share: Share,
    pub(crate) visibility: Visibility,
    pub(crate) detail: Detail,
}
