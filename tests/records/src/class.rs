//! The kinds of results.

use serde::{Deserialize, Serialize};

/// How a run has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The test has passed.
    Pass,
    /// The test saw something that it did not expect.
    Assertion,
    /// A rule that holds at all times was broken.
    Invariant,
    /// The answers cannot have come from a single server: they are not linearizable.
    Inconsistent,
    /// The checker could not decide whether the answers are linearizable. This is not a pass.
    Undecided,
    /// Something that had to happen did not happen in time.
    NoProgress,
    /// A call into the submission never returned, or all threads wait for each other.
    Deadlock,
    /// A thread ran without end and never blocked; only a simulation finds this.
    Spin,
    /// The threads still ran, without progress, when a simulation's time was up.
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
    /// The submission asked the system for something forbidden.
    Forbidden,
    /// A server's process broke the protocol between it and the harness: what it sent was no message, too
    /// long, or out of order.
    Tampered,
    /// The run was interrupted, so the test has neither passed nor failed.
    Interrupted,
    /// On the clock, the harness had to wait for a processor while something took too long: the test has neither
    /// passed nor failed.
    Overloaded,
    /// The harness failed.
    Fault,
}

impl Class {
    /// Whether the run says anything about the submission.
    pub fn is_verdict(self) -> bool {
        !matches!(self, Class::Interrupted | Class::Overloaded | Class::Fault)
    }

    /// The class in words.
    pub fn describe(self) -> &'static str {
        match self {
            Class::Pass => "passed",
            Class::Assertion => "not as expected",
            Class::Invariant => "a rule of Raft is broken",
            Class::Inconsistent => "not linearizable",
            Class::Undecided => "undecided",
            Class::NoProgress => "no progress",
            Class::Deadlock => "deadlock",
            Class::Spin => "a thread spins",
            Class::Livelock => "livelock",
            Class::Nondeterministic => "not deterministic",
            Class::Panic => "panic",
            Class::TimeLimit => "out of time",
            Class::Resource => "too much memory or output",
            Class::Aborted => "ended without a verdict",
            Class::Forbidden => "forbidden use of the system",
            Class::Tampered => "broke the protocol with the harness",
            Class::Interrupted => "interrupted",
            Class::Overloaded => "the machine was too busy",
            Class::Fault => "the harness failed",
        }
    }
}
