//! What the log says of each submission: the results that all reports are made from.

use std::collections::BTreeMap;

use records::{Class, Interval, Seed};
use serde::Serialize;

use crate::rubric::{Item, Visibility};
use crate::runlog::{Build, Entry, Grading, Outcome, Run};

/// After so many failures in a row from the first run on, a test is broken, and is not run again.
pub(crate) const BROKEN_AFTER: u64 = 5;

/// The results of a class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Results {
    pub(crate) grading: Grading,
    pub(crate) students: Vec<Standing>,
}

/// The results of a student.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Standing {
    pub(crate) student: String,
    /// Identifies the files that were graded.
    pub(crate) submission: String,
    pub(crate) outcome: Outcome,
    /// Why nothing could run.
    pub(crate) message: String,
    /// What kept the submission in.
    pub(crate) isolation: String,
    pub(crate) tests: Vec<TestStanding>,
    pub(crate) points: f64,
    pub(crate) possible: f64,
    /// Whether something is missing that is the grader's fault, so that the points are not final.
    pub(crate) incomplete: bool,
}

/// The results of a student in a test.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct TestStanding {
    pub(crate) test: String,
    pub(crate) stage: String,
    pub(crate) title: String,
    pub(crate) visibility: Visibility,
    pub(crate) runs: u64,
    pub(crate) passed: u64,
    /// How many runs ended in each way but a pass.
    pub(crate) failures: BTreeMap<Class, u64>,
    pub(crate) finding: Finding,
    pub(crate) points: f64,
    pub(crate) possible: f64,
    /// The first run that failed.
    pub(crate) first: Option<FirstFailure>,
    /// All seeds that failed.
    pub(crate) failing_seeds: Vec<Seed>,
}

/// What the runs of a test say.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Finding {
    /// No run failed.
    Ok,
    /// Some runs passed, others did not.
    Flaky,
    /// No run passed.
    Broken,
    /// A test that this one needs never passes.
    NeedsOther(String),
    /// There are no runs that count.
    NotJudged,
}

/// The first run that failed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct FirstFailure {
    pub(crate) class: Class,
    pub(crate) seed: Seed,
    pub(crate) expected: String,
    pub(crate) seen: String,
    pub(crate) details: String,
    /// Virtual seconds up to the failure, in a simulation.
    pub(crate) virtual_seconds: Option<f64>,
}

impl TestStanding {
    /// The interval of the pass rate.
    pub(crate) fn rate(&self) -> Interval {
        Interval::of(self.passed, self.runs)
    }
}

impl Results {
    /// Works out the results of a log.
    ///
    /// # Errors
    ///
    /// If the log does not begin as a log does.
    pub(crate) fn of(entries: &[Entry], items: &[Item]) -> Result<Self, String> {
        let Some(Entry::Grading(grading)) = entries.first() else {
            return Err("the log of runs is empty: nothing has been graded".to_owned());
        };
        let mut builds: BTreeMap<&str, &Build> = BTreeMap::new();
        let mut runs: BTreeMap<(&str, &str), Vec<&Run>> = BTreeMap::new();
        for entry in entries {
            match entry {
                Entry::Grading(_) => {}
                Entry::Build(build) => {
                    builds.insert(&build.student, build);
                }
                Entry::Run(run) if run.counts() => {
                    runs.entry((&run.student, &run.record.test)).or_default().push(run);
                }
                Entry::Run(_) => {}
            }
        }
        let students = builds
            .values()
            .map(|build| {
                let own = |item: &Item| {
                    let found = runs.get(&(build.student.as_str(), item.test.as_str()));
                    let mut found = found.cloned().unwrap_or_default();
                    found.retain(|run| run.submission == build.submission);
                    found.sort_by_key(|run| run.index);
                    found.dedup_by_key(|run| run.index);
                    found
                };
                Standing::of(build, items, own, grading.runs)
            })
            .collect();
        Ok(Results { grading: grading.clone(), students })
    }
}

impl Standing {
    /// The points of a stage.
    pub(crate) fn stage_points(&self, stage: &str) -> f64 {
        self.tests.iter().filter(|test| test.stage == stage).map(|test| test.points).sum()
    }

    /// The test that is failed most often; none if all are passed, or nothing could run.
    pub(crate) fn worst(&self) -> Option<&TestStanding> {
        let failed = self.tests.iter().filter(|test| test.runs > test.passed);
        // Of several, the first: the later ones may follow from it.
        failed.reduce(|worst, test| {
            let rate = |test: &TestStanding| test.passed as f64 / test.runs as f64;
            if rate(test) < rate(worst) { test } else { worst }
        })
    }

    fn of<'a>(
        build: &Build,
        items: &[Item],
        runs: impl Fn(&Item) -> Vec<&'a Run>,
        planned: u64,
    ) -> Self {
        let mut isolation = String::new();
        let mut tests: Vec<TestStanding> = Vec::new();
        let mut incomplete = build.outcome == Outcome::Fault;
        for item in items {
            let runs = runs(item);
            if let Some(run) = runs.first() {
                isolation = run.isolation.clone();
            }
            let blocked = blocked_by(item, &tests);
            let standing = TestStanding::of(item, &runs, blocked);
            let is_broken = standing.finding == Finding::Broken && standing.runs >= BROKEN_AFTER;
            let is_blocked = matches!(standing.finding, Finding::NeedsOther(_));
            let can_run = build.outcome == Outcome::Built;
            incomplete |= can_run && standing.runs < planned && !is_broken && !is_blocked;
            tests.push(standing);
        }
        Standing {
            student: build.student.clone(),
            submission: build.submission.clone(),
            outcome: build.outcome,
            message: build.message.clone(),
            isolation,
            points: tests.iter().map(|test| test.points).sum(),
            possible: tests.iter().map(|test| test.possible).sum(),
            tests,
            incomplete,
        }
    }
}

/// The test without which an item is not judged, if that test never passes.
fn blocked_by(item: &Item, before: &[TestStanding]) -> Option<String> {
    let never_passes = |test: &&TestStanding| {
        matches!(test.finding, Finding::Broken | Finding::NeedsOther(_))
            && item.needs.contains(&test.test)
    };
    before.iter().find(never_passes).map(|test| test.test.clone())
}

impl TestStanding {
    fn of(item: &Item, runs: &[&Run], blocked: Option<String>) -> Self {
        let count = runs.len() as u64;
        let failed = || runs.iter().filter(|run| run.record.class != Class::Pass);
        let mut failures = BTreeMap::new();
        failed().for_each(|run| *failures.entry(run.record.class).or_default() += 1);
        let passed = count - failures.values().sum::<u64>();
        let finding = match (blocked, count, passed) {
            (Some(test), ..) => Finding::NeedsOther(test),
            (None, 0, _) => Finding::NotJudged,
            (None, _, 0) => Finding::Broken,
            (None, ..) if passed == count => Finding::Ok,
            (None, ..) => Finding::Flaky,
        };
        let judged = matches!(finding, Finding::Ok | Finding::Flaky);
        let rate = if judged { passed as f64 / count as f64 } else { 0.0 };
        TestStanding {
            test: item.test.clone(),
            stage: item.stage.clone(),
            title: item.title.clone(),
            visibility: item.visibility,
            runs: count,
            passed,
            failures,
            finding,
            points: rounded(item.points * item.earned(rate)),
            possible: item.points,
            first: failed().next().map(|run| FirstFailure::of(run)),
            failing_seeds: failed().map(|run| run.record.seed).collect(),
        }
    }
}

impl FirstFailure {
    fn of(run: &Run) -> Self {
        let record = &run.record;
        FirstFailure {
            class: record.class,
            seed: record.seed,
            expected: record.expected.clone(),
            seen: record.seen.clone(),
            details: record.details.clone(),
            virtual_seconds: record.simulated.as_ref().map(|run| run.virtual_seconds),
        }
    }
}

/// To hundredths of a point.
fn rounded(points: f64) -> f64 {
    (points * 100.0).round() / 100.0
}
