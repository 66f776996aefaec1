//! What can become of a run.

use serde::{Deserialize, Serialize};

/// The kind of a test's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The test has passed.
    Pass,
    /// The test expected something else.
    Assertion,
    /// A rule that holds at all times was broken.
    Invariant,
    /// What clients were answered cannot have come from a single server: it is not linearizable.
    Inconsistent,
    /// Whether it is could not be found out. This is not a pass.
    Undecided,
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
    /// The submission asked the system for what it may not have.
    Forbidden,
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
            Class::Inconsistent => "not linearizable",
            Class::Undecided => "not decided",
            Class::NoProgress => "no progress",
            Class::Deadlock => "deadlock",
            Class::Spin => "a thread spins",
            Class::Livelock => "livelock",
            Class::Nondeterministic => "not deterministic",
            Class::Panic => "panic",
            Class::TimeLimit => "out of time",
            Class::Resource => "too much memory or output",
            Class::Aborted => "ended without a verdict",
            Class::Forbidden => "does what a submission may not",
            Class::Tampered => "the verdict was tampered with",
            Class::Interrupted => "interrupted",
            Class::Fault => "fault of the tests, not of the submission",
        }
    }
}
