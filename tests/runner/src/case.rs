//! One test of a suite, as data.

use std::sync::Arc;
use std::time::Duration;

use records::Seed;
pub use records::{Summary, TestInfo, Work};
use sim::Chance;

use crate::plan::{self, Plan};

/// The part of a run that is the tester.
pub(crate) const TESTER: &str = "tester";

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
    /// Whether it runs only if a filter names it: its stage is none that every course has.
    pub optional: bool,
    /// The test itself. It returns if the test has passed; a failure ends the process instead.
    pub run: fn(&Run) -> Summary,
}

impl Case {
    /// The full name, such as `2A::initial_election`.
    pub fn id(&self) -> String {
        format!("{}::{}", self.stage, self.name)
    }

    /// What graders are told about it.
    pub fn info(&self) -> TestInfo {
        TestInfo {
            test: self.id(),
            stage: self.stage.to_owned(),
            title: self.title.to_owned(),
            limit_seconds: self.limit.as_secs(),
            optional: self.optional,
        }
    }
}

/// What a test gets for one run.
#[derive(Debug, Clone)]
pub struct Run {
    /// The seed of all random choices of the test and its network.
    pub seed: Seed,
    /// Which of them are left to chance.
    pub(crate) plan: Arc<Plan>,
}

impl Run {
    /// A run in which all is left to chance. The runner makes its own: this is for tests of what tests use.
    pub fn with_seed(seed: Seed) -> Self {
        Run { seed, plan: Arc::default() }
    }

    /// A number that depends on the seed and on `purpose` only.
    pub fn number(&self, purpose: &str) -> u64 {
        self.seed.derive(purpose).word()
    }

    /// A part of the run with random choices of its own.
    #[must_use]
    pub fn part(&self, name: &str) -> Run {
        Run { seed: self.seed.derive(name), plan: self.plan.clone() }
    }

    /// How the choices are made that the tester has for this purpose.
    pub fn chance_of_tester(&self, purpose: &str) -> Chance {
        self.plan.chance(self.seed, TESTER, purpose)
    }

    /// The same for a server or a client of this name; `purpose` tells its lives apart.
    pub fn chance_of_node(&self, name: &str, purpose: &str) -> Chance {
        self.plan.chance(self.seed, &plan::part(name), purpose)
    }

    /// The same for the messages between two of them, in both directions.
    pub fn chance_of_link(&self, one: &str, other: &str) -> Chance {
        let link = plan::link(one, other);
        self.plan.chance(self.seed, &link, &link)
    }
}
