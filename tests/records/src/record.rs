//! Orders and records.

use serde::{Deserialize, Serialize};

use crate::{Class, Seed};

/// The clock that a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// The system's clock; the system schedules the threads.
    Real,
    /// Virtual time; the seed schedules the threads.
    Sim,
}

/// One test, as data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestInfo {
    /// The full name, such as `2A::initial_election`.
    pub test: String,
    /// The stage that owns it, such as `2A`.
    pub stage: String,
    /// Its claim, in one line.
    pub title: String,
    /// How long it may take on its own clock.
    pub limit_seconds: u64,
    /// Whether it runs and counts only if its stage is asked for.
    #[serde(default)]
    pub optional: bool,
}

/// The first line of `lab serve`: how it confines the processes of tests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Greeting {
    /// The mechanisms, such as `seccomp` and `landlock`.
    pub layers: Vec<String>,
    /// Why there are none; empty if there are some.
    pub missing: String,
}

/// A run to make.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The full name of the test.
    pub test: String,
    /// The seed of all random choices.
    pub seed: Seed,
    /// The clock of the run.
    pub clock: Clock,
    /// Whether the run is to be recorded, and shown by a page.
    #[serde(default, skip_serializing_if = "is_false")]
    pub recording: bool,
}

fn is_false(value: &bool) -> bool {
    !*value
}

/// How large the page of a recorded run is at most, in bytes.
pub const LARGEST_PICTURE: u64 = 3 << 20;

/// What stands in the place of the seed on a page that shows a run. Whoever may know the seed puts it there.
pub const SEED_PLACE: &str = "@SEED@";

/// What a passed test has measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Seconds on the test's own clock.
    pub seconds: f64,
    /// Servers in the cluster.
    pub peers: usize,
    /// RPC requests handed to the network.
    pub rpcs: u64,
    /// Bytes of all requests and of all delivered replies.
    pub bytes: u64,
    /// What the cluster has done.
    #[serde(flatten)]
    pub work: Work,
}

/// What a cluster has done in a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Log indexes that were applied.
    Commits(u64),
    /// Operations of clerks.
    Operations(u64),
}

/// Identifies a simulated run: two runs with the same events have the same values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Simulated {
    /// The number of events up to the verdict.
    pub events: u64,
    /// A hash of all these events, in hexadecimal digits.
    pub hash: String,
    /// Virtual time up to the verdict.
    pub virtual_seconds: f64,
}

/// A scene of a test that has not come to its end in a run, because of chance: what it would show is not tested there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unplayed {
    /// Where it is written, such as `tests/src/suites/raft_2a_votes.rs:18`.
    pub scene: String,
    /// The step that chance has prevented in the last attempt.
    pub step: String,
}

/// How one run has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The full name of the test.
    pub test: String,
    /// The stage that owns it.
    pub stage: String,
    /// The seed of the run.
    pub seed: Seed,
    /// The clock of the run.
    pub clock: Clock,
    /// How it ended.
    pub class: Class,
    /// How long it took in real time.
    pub wall_seconds: f64,
    /// The processor time that it took, if that was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_seconds: Option<f64>,
    /// The largest resident memory of this run and those before it in the same series, in bytes, if that
    /// was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory: Option<u64>,
    /// What a passed test has measured.
    #[serde(flatten)]
    pub summary: Option<Summary>,
    /// The scenes that have not come to their end although the test has passed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unplayed: Vec<Unplayed>,
    /// What identifies a simulated run.
    #[serde(flatten)]
    pub simulated: Option<Simulated>,
    /// What a failed test expected.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub expected: String,
    /// What it saw instead.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub seen: String,
    /// The state of the servers and the last events.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub details: String,
    /// The last part of what the submission printed, if the run failed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub printed: String,
    /// A page of HTML that shows the run and needs nothing else, if the order has asked for it; with [`SEED_PLACE`] in
    /// the place of the seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}
