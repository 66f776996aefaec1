//! One test of a suite, as data.

use std::time::Duration;

pub use records::{Summary, Work};

/// One test: what it is called, what it claims, how long it may take, and the code that judges.
///
/// The runner, the listing and the reports are all made from these.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// The stage that owns the test, such as `2A`.
    pub stage: &'static str,
    /// The name within the stage, such as `initial_election`.
    pub name: &'static str,
    /// What the test claims, in one line.
    pub title: &'static str,
    /// How long the test may take on its own clock.
    pub limit: Duration,
    /// The scenario. It returns when the test has passed; a failure ends the process instead.
    pub run: fn(&Run) -> Summary,
}

impl Case {
    /// The full name that filters match, such as `2A::initial_election`.
    pub fn id(&self) -> String {
        format!("{}::{}", self.stage, self.name)
    }
}

/// What a test is given for one run.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// The seed of every random choice that the test and its network make.
    pub seed: u64,
}
