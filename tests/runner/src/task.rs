//! One run of one test.

use std::path::PathBuf;

use records::{Clock, Seed};

use crate::case::Case;
use crate::channel::Job;
use crate::choices::Choices;
use crate::plan::Plan;
use crate::programs::Programs;

/// A test, and how to run it.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) case: Case,
    pub(crate) seed: Seed,
    /// Which choices are left to chance.
    pub(crate) plan: Plan,
    pub(crate) clock: Clock,
    /// Where a simulation writes all its events.
    pub(crate) trace: Option<PathBuf>,
    /// Whether the run is recorded.
    pub(crate) recording: bool,
    /// The processor that the run is bound to.
    pub(crate) processor: Option<usize>,
}

impl Task {
    /// What the judge is told of it.
    pub(crate) fn job(&self, programs: &Programs) -> Job {
        Job {
            test: self.case.id(),
            seed: self.seed,
            plan: self.plan.clone(),
            clock: self.clock,
            trace: self.trace.clone(),
            keeps_files: !programs.node.is_confined(),
        }
    }

    /// The command that runs the test again with the same seed. It must never be wrapped: readers paste it.
    pub(crate) fn command(&self) -> String {
        let clock = if self.clock == Clock::Sim { "--sim " } else { "" };
        let choices = self.choices();
        let option = if choices.plan.is_default() { "--seed" } else { "--case" };
        format!("cargo lab run --exact {} {clock}{option} {choices}", self.case.id())
    }

    /// What decides the run's choices.
    pub(crate) fn choices(&self) -> Choices {
        Choices { seed: self.seed, plan: self.plan.clone() }
    }
}

/// A random seed, short enough to type.
pub(crate) fn fresh_seed() -> Seed {
    Seed(u128::from(rand::random::<u32>()))
}
