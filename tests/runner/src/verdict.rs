//! How a run has ended, and why.

use records::{Class, Simulated, Summary};
use serde::{Deserialize, Serialize};

/// Why a test has not passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure it is.
    pub class: Class,
    /// What should have been.
    pub expected: String,
    /// What was, in which server, term and index.
    pub seen: String,
}

impl Failure {
    /// A failure with its two halves.
    pub fn new(class: Class, expected: String, seen: String) -> Self {
        Failure { class, expected, seen }
    }
}

/// How a run has ended, as far as the report says it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Verdict {
    pub(crate) class: Class,
    /// What a passed test has measured.
    pub(crate) summary: Option<Summary>,
    pub(crate) expected: String,
    pub(crate) seen: String,
    /// The state of the servers and the last events.
    pub(crate) details: String,
    /// What the run was, in a simulation.
    pub(crate) simulated: Option<Simulated>,
}

/// The simulation that this process is, up to now.
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

    pub(crate) fn fail(failure: Failure, details: String) -> Self {
        let Failure { class, expected, seen } = failure;
        Verdict { class, summary: None, expected, seen, details, simulated: simulated() }
    }
}
