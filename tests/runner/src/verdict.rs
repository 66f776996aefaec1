//! How a run has ended, and why.

use std::time::Duration;

use records::{Class, Simulated, Summary};
use serde::{Deserialize, Serialize};

/// Why a test has not passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The kind of failure.
    pub class: Class,
    /// What the test expected.
    pub expected: String,
    /// What it saw, with the server, term and index.
    pub seen: String,
}

impl Failure {
    /// A failure with both its halves.
    pub fn new(class: Class, expected: String, seen: String) -> Self {
        Failure { class, expected, seen }
    }
}

/// What a child reports of its run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Verdict {
    pub(crate) class: Class,
    /// What a passed test has measured.
    pub(crate) summary: Option<Summary>,
    pub(crate) expected: String,
    pub(crate) seen: String,
    /// The state of the servers and the last events.
    pub(crate) details: String,
    /// What identifies a simulated run.
    pub(crate) simulated: Option<Simulated>,
}

/// What the parent knows of a run when it is over.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) verdict: Verdict,
    pub(crate) wall_time: Duration,
    /// The last part of what the child has printed.
    pub(crate) output: String,
}

/// The simulation in this process up to now, if there is one.
fn simulated() -> Option<Simulated> {
    sim::digest().map(|digest| Simulated {
        events: digest.events,
        hash: format!("{:016x}", digest.hash),
        virtual_seconds: digest.time.as_nanos() as f64 / 1e9,
    })
}

impl Verdict {
    pub(crate) fn pass(summary: Summary) -> Self {
        let none = String::new;
        Verdict {
            class: Class::Pass,
            summary: Some(summary),
            expected: none(),
            seen: none(),
            details: none(),
            simulated: simulated(),
        }
    }

    pub(crate) fn fail(failure: Failure) -> Self {
        let Failure { class, expected, seen } = failure;
        let details = String::new();
        Verdict { class, summary: None, expected, seen, details, simulated: simulated() }
    }
}

impl Ended {
    /// How long the run took on its test's own clock.
    pub(crate) fn seconds(&self) -> f64 {
        let simulated = self.verdict.simulated.as_ref();
        simulated.map_or(self.wall_time.as_secs_f64(), |run| run.virtual_seconds)
    }

    pub(crate) fn was_interrupted(&self) -> bool {
        self.verdict.class == Class::Interrupted
    }
}
