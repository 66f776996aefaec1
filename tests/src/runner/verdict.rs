//! What can become of a test.

use serde::{Deserialize, Serialize};

use crate::case::Summary;

/// The kind of a test's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The test has passed.
    Pass,
    /// The test expected something else.
    Assertion,
    /// A rule that holds at all times was broken.
    Invariant,
    /// What had to happen did not happen in time.
    NoProgress,
    /// A call into the submission never returned, or nothing could ever happen any more.
    Deadlock,
    /// A thread kept the processor and never let another run; only a simulation finds this out.
    Spin,
    /// Much went on without end, until a simulation's time was up.
    Livelock,
    /// Two simulations from one seed differed.
    Nondeterministic,
    /// The submission panicked.
    Panic,
    /// The test took longer than its limit.
    TimeLimit,
    /// The submission used too much memory, or printed too much.
    Resource,
    /// The process ended without a verdict.
    Aborted,
    /// The record of the verdict was not what the harness writes.
    Tampered,
    /// The run was interrupted from outside.
    Interrupted,
    /// The harness itself is at fault.
    Fault,
}

impl Class {
    /// The class in words.
    pub fn describe(self) -> &'static str {
        match self {
            Class::Pass => "passed",
            Class::Assertion => "not as expected",
            Class::Invariant => "a rule of Raft is broken",
            Class::NoProgress => "no progress",
            Class::Deadlock => "deadlock",
            Class::Spin => "a thread spins",
            Class::Livelock => "livelock",
            Class::Nondeterministic => "not deterministic",
            Class::Panic => "panic",
            Class::TimeLimit => "out of time",
            Class::Resource => "too much memory or output",
            Class::Aborted => "ended without a verdict",
            Class::Tampered => "the verdict was tampered with",
            Class::Interrupted => "interrupted",
            Class::Fault => "fault of the tests, not of the submission",
        }
    }
}

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
    pub(crate) digest: Option<Digest>,
}

/// What identifies a simulated run: an equal run has an equal digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Digest {
    /// The number of events up to the verdict.
    pub(crate) events: u64,
    /// A hash of all these events.
    pub(crate) hash: u64,
    /// Virtual nanoseconds up to the verdict.
    pub(crate) nanoseconds: u64,
}

impl Digest {
    /// The digest of the simulation that this process is, up to now.
    fn of_this_process() -> Option<Self> {
        sim::digest().map(|digest| Digest {
            events: digest.events,
            hash: digest.hash,
            nanoseconds: digest.time.as_nanos() as u64,
        })
    }
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
            digest: Digest::of_this_process(),
        }
    }

    pub(crate) fn fail(failure: Failure, details: String) -> Self {
        let Failure { class, expected, seen } = failure;
        let digest = Digest::of_this_process();
        Verdict { class, summary: None, expected, seen, details, digest }
    }
}
