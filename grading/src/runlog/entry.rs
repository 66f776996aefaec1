//! What the lines of the log say.

use records::{Clock, Record, TestInfo};
use serde::{Deserialize, Serialize};

use super::harness::Harness;
use crate::submission::Origin;

/// The version of the log that this program writes, and reads.
pub(crate) const VERSION: u32 = 1;

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Entry {
    /// The first line: what is graded, and how.
    Grading(Grading),
    /// Who is to be graded, besides those of earlier lines.
    Class {
        /// Nobody is named twice.
        students: Vec<String>,
    },
    /// Whether a submission could be read and compiled.
    Build(Build),
    /// One run of one test.
    Run(Box<Run>),
}

impl Entry {
    /// The students that it tells of.
    pub(super) fn students(&self) -> &[String] {
        match self {
            Entry::Grading(_) => &[],
            Entry::Class { students } => students,
            Entry::Build(build) => std::slice::from_ref(&build.student),
            Entry::Run(run) => std::slice::from_ref(&run.student),
        }
    }
}

/// The students who are to be graded.
pub(crate) fn class(entries: &[Entry]) -> impl Iterator<Item = &str> {
    let students = entries.iter().flat_map(|entry| match entry {
        Entry::Class { students } => students.as_slice(),
        _ => &[],
    });
    students.map(String::as_str)
}

/// All students in a log.
pub(crate) fn students(entries: &[Entry]) -> impl Iterator<Item = &str> {
    entries.iter().flat_map(Entry::students).map(String::as_str)
}

/// What is graded, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Grading {
    pub(crate) version: u32,
    pub(crate) stages: Vec<String>,
    pub(crate) tests: Vec<TestInfo>,
    pub(crate) clock: Clock,
    /// How many times each test runs.
    pub(crate) runs: u64,
    /// Identifies the secret that the seeds are derived from.
    pub(crate) seeds: String,
    #[serde(flatten)]
    pub(crate) harness: Harness,
    /// Identifies the rubric.
    pub(crate) rubric: String,
}

impl Grading {
    /// Whether it is of these tests, by name and in this order.
    pub(crate) fn is_of(&self, tests: &[TestInfo]) -> bool {
        let name = |test: &TestInfo| test.test.clone();
        self.tests.iter().map(name).eq(tests.iter().map(name))
    }

    /// The kinds of processors of two gradings in simulations, if they differ and are known: then the same seeds are
    /// other runs.
    pub(crate) fn other_processors<'a>(&'a self, other: &'a Grading) -> Option<[&'a str; 2]> {
        let kinds = [self, other].map(|grading| grading.harness.processor.as_str());
        let is_simulated = [self, other].iter().all(|grading| grading.clock == Clock::Sim);
        (is_simulated && kinds[0] != kinds[1] && !kinds.contains(&"")).then_some(kinds)
    }
}

/// Whether a submission could be read and compiled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Build {
    pub(crate) student: String,
    /// Identifies the submission's files; empty if they could not be read. Students with the same files share all runs.
    pub(crate) submission: String,
    /// What was handed in is called so. Members of a group share it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) handed_in: String,
    /// Which files were taken.
    #[serde(default, skip_serializing_if = "Origin::is_empty")]
    pub(crate) origin: Origin,
    pub(crate) outcome: Outcome,
    /// What is wrong, for the student.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) message: String,
    pub(crate) wall_seconds: f64,
}

/// Whether a submission can run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It compiles.
    #[default]
    Built,
    /// The students' files cannot be read from what was handed in.
    Unreadable,
    /// It does not compile.
    BuildError,
    /// The grader is at fault, and will try again.
    Fault,
    /// There is no submission of this student of the roster.
    NothingHandedIn,
}

impl Outcome {
    /// A description for reports.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Outcome::Built => "compiles",
            Outcome::Unreadable => "cannot be read",
            Outcome::BuildError => "does not compile",
            Outcome::Fault => "could not be graded: the grader was at fault",
            Outcome::NothingHandedIn => "nothing handed in",
        }
    }

    /// What to tell the student, without a full stop.
    pub(crate) fn sentence(self) -> String {
        match self {
            Outcome::NothingHandedIn => "You have handed in nothing".to_owned(),
            other => format!("Your submission {}", other.describe()),
        }
    }
}

/// One run of one test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Run {
    /// For whom it was made. It counts for everybody who has handed in the same files.
    pub(crate) student: String,
    pub(crate) submission: String,
    /// The number of the run of this test, from 0.
    pub(crate) index: u64,
    /// What isolated the submission from the machine.
    pub(crate) isolation: String,
    /// Whether the harness failed each time that the run was made again, with the same seed and alone on the
    /// machine. Then the run counts, as one that has failed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) came_again: bool,
    /// What became of the picture of the run, if one was due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) picture: Option<Picture>,
    #[serde(flatten)]
    pub(crate) record: Record,
}

/// What became of the picture of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Picture {
    /// It is among the results.
    Made,
    /// There is none: why, for the student.
    Missing(String),
}

impl Run {
    /// Whether the run says anything about the submission.
    pub(crate) fn counts(&self) -> bool {
        self.came_again || self.record.class.is_verdict()
    }
}

fn is_false(value: &bool) -> bool {
    !*value
}
