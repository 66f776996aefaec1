//! One test of a suite, as data.

use std::time::Duration;

pub use records::{Seed, Summary, Work};

/// One test: its name, its claim, its time limit, and its code.
///
/// The runner, the lists and the reports are all made from these.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// The stage that owns the test, such as `2A`.
    pub stage: &'static str,
    /// The name within the stage, such as `initial_election`.
    pub name: &'static str,
    /// The claim of the test, in one line.
    pub title: &'static str,
    /// How long the test may take on its own clock.
    pub limit: Duration,
    /// The test itself. It returns if the test has passed; a failure ends the process instead.
    pub run: fn(&Run) -> Summary,
}

impl Case {
    /// The full name, such as `2A::initial_election`.
    pub fn id(&self) -> String {
        format!("{}::{}", self.stage, self.name)
    }
}

/// What a test gets for one run.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// The seed of all random choices of the test and its network.
    pub seed: Seed,
}
