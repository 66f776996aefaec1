//! What an earlier part of the same grading has found out.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use records::Class;

use super::same_files::Ended;
use crate::results::BROKEN_AFTER;
use crate::rubric::Item;
use crate::runlog::{Build, Entry, Outcome, Picture, Run};

/// What the log said when grading started or resumed.
#[derive(Default)]
pub(super) struct Previous {
    /// The last build of each student.
    builds: BTreeMap<String, Build>,
    /// What came of building files that cannot run, by what identifies them.
    failed: BTreeMap<String, Ended>,
    /// The processor time of all runs in seconds, by submission.
    used: BTreeMap<String, f64>,
    /// How many pictures could not be made, by submission.
    misses: BTreeMap<String, u64>,
    /// By submission and test.
    runs: BTreeMap<(String, String), TestRuns>,
}

impl Previous {
    /// What is in the log.
    pub(super) fn of(entries: &[Entry]) -> Self {
        let mut previous = Previous::default();
        for entry in entries {
            match entry {
                Entry::Build(build) if build.outcome != Outcome::Fault => previous.add_build(build),
                Entry::Run(run) => previous.add_run(run),
                _ => {}
            }
        }
        previous
    }

    fn add_build(&mut self, build: &Build) {
        self.builds.insert(build.student.clone(), build.clone());
        if build.outcome == Outcome::BuildError {
            let ended = Ended { outcome: build.outcome, message: build.message.clone() };
            self.failed.insert(build.submission.clone(), ended);
        }
    }

    fn add_run(&mut self, run: &Run) {
        if matches!(run.picture, Some(Picture::Missing(_))) {
            *self.misses.entry(run.submission.clone()).or_default() += 1;
        }
        let used = self.used.entry(run.submission.clone()).or_default();
        *used += run.record.cpu_seconds.unwrap_or(0.0);
        if run.counts() {
            let key = (run.submission.clone(), run.record.test.clone());
            self.runs.entry(key).or_default().add(run);
        }
    }

    /// The last build of a student.
    pub(super) fn build_of(&self, student: &str) -> Option<&Build> {
        self.builds.get(student)
    }

    /// The runs of a test that have been made.
    pub(super) fn runs_of(&self, submission: &str, test: &str) -> TestRuns {
        let key = (submission.to_owned(), test.to_owned());
        self.runs.get(&key).cloned().unwrap_or_default()
    }

    /// How many pictures of a submission's runs could not be made.
    pub(super) fn misses_of(&self, submission: &str) -> u64 {
        self.misses.get(submission).copied().unwrap_or(0)
    }

    /// The processor time that the runs of a submission have used.
    pub(super) fn used_by(&self, submission: &str) -> Duration {
        let used = self.used.get(submission);
        Duration::try_from_secs_f64(used.copied().unwrap_or(0.0)).unwrap_or_default()
    }

    /// What came of a submission's files, if nothing is left to do.
    pub(super) fn ended(&self, submission: &str, items: &[Item], planned: u64) -> Option<Ended> {
        if let Some(failed) = self.failed.get(submission) {
            return Some(failed.clone());
        }
        let built = Ended { outcome: Outcome::Built, message: String::new() };
        self.is_complete(submission, items, planned).then_some(built)
    }

    /// Whether all runs of a submission have been made.
    fn is_complete(&self, submission: &str, items: &[Item], planned: u64) -> bool {
        let mut failed = FailedTests::default();
        items.iter().all(|item| {
            let runs = self.runs_of(submission, &item.test);
            let is_blocked = failed.block(item);
            failed.note(item, &runs, planned);
            is_blocked || runs.is_broken() || runs.count() >= planned
        })
    }
}

/// The runs of a test that have been made: whether each one passed, by its number.
#[derive(Debug, Clone, Default)]
pub(super) struct TestRuns(BTreeMap<u64, bool>);

impl TestRuns {
    /// Adds a run that counts.
    pub(super) fn add(&mut self, run: &Run) {
        self.insert(run.index, run.record.class == Class::Pass);
    }

    /// Adds the run of this number.
    pub(super) fn insert(&mut self, index: u64, has_passed: bool) {
        self.0.insert(index, has_passed);
    }

    /// Whether a run has been made.
    pub(super) fn contains(&self, index: u64) -> bool {
        self.0.contains_key(&index)
    }

    /// Whether a run before this one has failed.
    pub(super) fn fails_before(&self, index: u64) -> bool {
        self.0.range(..index).any(|(_, passed)| !passed)
    }

    /// Whether the first runs have all failed, so that no more are made.
    pub(super) fn is_broken(&self) -> bool {
        (0..BROKEN_AFTER).all(|index| self.0.get(&index) == Some(&false))
    }

    fn count(&self) -> u64 {
        self.0.len() as u64
    }

    fn never_passes(&self, planned: u64) -> bool {
        self.count() >= planned.min(BROKEN_AFTER) && self.0.values().all(|passed| !passed)
    }
}

/// The tests of a submission that never pass, so that tests which need them are not run.
#[derive(Default)]
pub(super) struct FailedTests(HashSet<String>);

impl FailedTests {
    /// Whether an item needs a test that never passes.
    pub(super) fn block(&self, item: &Item) -> bool {
        item.needs.iter().any(|need| self.0.contains(need))
    }

    /// Notes a test if it never passes.
    pub(super) fn note(&mut self, item: &Item, runs: &TestRuns, planned: u64) {
        if self.block(item) || runs.is_broken() || runs.never_passes(planned) {
            self.0.insert(item.test.clone());
        }
    }
}
