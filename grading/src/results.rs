//! The results of all students, worked out from the log. All reports are made from them.

use std::collections::BTreeMap;

use records::{Class, Interval, Seed};
use serde::Serialize;

use crate::adjustments::{Step, adjusted};
use crate::foreign::Foreign;
use crate::points::rounded;
use crate::rubric::{Detail, Item, RubricId, Visibility};
use crate::runlog::{Build, Entry, Grading, Outcome, Picture, Run};
use crate::scoring::Scoring;

/// When the first runs of a test fail, this many in a row, it counts as broken and is not run again.
pub(crate) const BROKEN_AFTER: u64 = 5;

/// The results of a class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Results {
    /// What was graded. Its rubric is the one that made these points.
    pub(crate) grading: Grading,
    pub(crate) rubric: RubricId,
    pub(crate) students: Vec<StudentResult>,
}

/// The results of one student.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct StudentResult {
    pub(crate) student: Foreign,
    /// Identifies the files that were graded.
    pub(crate) submission: String,
    pub(crate) outcome: Outcome,
    /// Why nothing could run.
    pub(crate) message: Foreign,
    /// What isolated the submission from the machine.
    pub(crate) isolation: Foreign,
    pub(crate) tests: Vec<TestResult>,
    /// The points of all tests.
    pub(crate) before: f64,
    /// What the instructor has changed, in the order in which it was applied.
    pub(crate) adjustments: Vec<Step>,
    /// The points after that.
    pub(crate) points: f64,
    pub(crate) possible: f64,
    /// Whether runs are missing because of the grader, so that the points are not final.
    pub(crate) incomplete: bool,
}

/// The results of one student in one test.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct TestResult {
    pub(crate) test: String,
    pub(crate) stage: String,
    pub(crate) title: String,
    pub(crate) visibility: Visibility,
    pub(crate) detail: Detail,
    /// The runs that were planned. Points depend on how many of these have passed.
    pub(crate) planned: u64,
    /// The runs that count. Those after the first failures of a broken test are not made.
    pub(crate) runs: u64,
    pub(crate) passed: u64,
    /// The number of runs that failed, by the way they failed.
    pub(crate) failures: BTreeMap<Class, u64>,
    pub(crate) finding: Finding,
    /// How passed runs become points, in words.
    pub(crate) rule: String,
    pub(crate) points: f64,
    pub(crate) possible: f64,
    /// The first run that failed.
    pub(crate) first: Option<FirstFailure>,
    /// All seeds that failed.
    pub(crate) failing_seeds: Vec<Seed>,
}

/// What the runs of a test show.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Finding {
    /// All runs passed.
    Ok,
    /// Some runs passed and others failed.
    Flaky,
    /// All runs failed.
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
    /// `None` for a student who is not to know it.
    pub(crate) seed: Option<Seed>,
    pub(crate) expected: Foreign,
    pub(crate) seen: Foreign,
    pub(crate) details: Foreign,
    /// The virtual time of the failure in seconds, in a simulation.
    pub(crate) virtual_seconds: Option<f64>,
    /// What became of its picture, if one was due.
    pub(crate) picture: Option<Picture>,
}

impl Results {
    /// Works out the results from a log.
    ///
    /// # Errors
    ///
    /// If the log does not start with a description of the grading.
    pub(crate) fn of(entries: &[Entry], scoring: &Scoring) -> Result<Self, String> {
        let Some(Entry::Grading(grading)) = entries.first() else {
            return Err("the log of runs is empty: nothing has been graded".to_owned());
        };
        let runs = LoggedRuns::of(entries);
        let students = last_builds(entries)
            .into_values()
            .map(|build| StudentResult::of(build, scoring, &runs, grading.runs))
            .collect();
        let rubric = scoring.rubric.clone();
        // The log names the rubric that grading started with.
        let grading = Grading { rubric: rubric.hash.clone(), ..grading.clone() };
        Ok(Results { grading, rubric, students })
    }
}

/// The last build of each student.
fn last_builds(entries: &[Entry]) -> BTreeMap<&str, &Build> {
    let builds = entries.iter().filter_map(|entry| match entry {
        Entry::Build(build) => Some((build.student.as_str(), build)),
        _ => None,
    });
    builds.collect()
}

/// The runs that count, by student and test.
struct LoggedRuns<'a>(BTreeMap<(&'a str, &'a str), Vec<&'a Run>>);

impl<'a> LoggedRuns<'a> {
    fn of(entries: &'a [Entry]) -> Self {
        let mut runs: BTreeMap<_, Vec<&Run>> = BTreeMap::new();
        for entry in entries {
            if let Entry::Run(run) = entry
                && run.counts()
            {
                let key = (run.student.as_str(), run.record.test.as_str());
                runs.entry(key).or_default().push(run);
            }
        }
        LoggedRuns(runs)
    }

    /// The runs of a test with the files of this build, in order and each one once.
    fn of_test(&self, build: &Build, test: &str) -> Vec<&'a Run> {
        let runs = self.0.get(&(build.student.as_str(), test));
        let mut runs = runs.cloned().unwrap_or_default();
        runs.retain(|run| run.submission == build.submission);
        runs.sort_by_key(|run| run.index);
        runs.dedup_by_key(|run| run.index);
        runs
    }
}

impl StudentResult {
    /// The points of a stage.
    pub(crate) fn stage_points(&self, stage: &str) -> f64 {
        self.tests.iter().filter(|test| test.stage == stage).map(|test| test.points).sum()
    }

    /// The test that fails most often; none if all pass, or if nothing could run.
    pub(crate) fn worst(&self) -> Option<&TestResult> {
        let failed = self.tests.iter().filter(|test| test.runs > test.passed);
        // The first of several, because later ones may fail for the same reason.
        failed.reduce(|worst, test| {
            let rate = |test: &TestResult| test.passed as f64 / test.runs as f64;
            if rate(test) < rate(worst) { test } else { worst }
        })
    }

    fn of(build: &Build, scoring: &Scoring, runs: &LoggedRuns<'_>, planned: u64) -> Self {
        let mut isolation = Foreign::default();
        let mut tests: Vec<TestResult> = Vec::new();
        for item in &scoring.items {
            let runs = runs.of_test(build, &item.test);
            if let Some(run) = runs.first() {
                isolation = Foreign::new(run.isolation.as_str());
            }
            tests.push(TestResult::of(item, &runs, planned, blocked_by(item, &tests)));
        }
        let incomplete = match build.outcome {
            Outcome::Built => tests.iter().any(TestResult::lacks_runs),
            outcome => outcome == Outcome::Fault,
        };
        let before = rounded(tests.iter().map(|test| test.points).sum());
        let adjustments = scoring.adjustments.of_student(&build.student);
        let (points, adjustments) = adjusted(before, adjustments, scoring.late);
        StudentResult {
            student: Foreign::new(build.student.as_str()),
            submission: build.submission.clone(),
            outcome: build.outcome,
            message: Foreign::new(build.message.as_str()),
            isolation,
            before,
            adjustments,
            points,
            possible: tests.iter().map(|test| test.possible).sum(),
            tests,
            incomplete,
        }
    }
}

/// The test that an item needs and that never passes, if there is one.
fn blocked_by(item: &Item, before: &[TestResult]) -> Option<String> {
    let never_passes = |test: &&TestResult| {
        matches!(test.finding, Finding::Broken | Finding::NeedsOther(_))
            && item.needs.contains(&test.test)
    };
    before.iter().find(never_passes).map(|test| test.test.clone())
}

impl TestResult {
    /// The 95 % confidence interval of the pass rate.
    pub(crate) fn rate(&self) -> Interval {
        Interval::of(self.passed, self.runs)
    }

    fn of(item: &Item, runs: &[&Run], planned: u64, blocked: Option<String>) -> Self {
        let count = runs.len() as u64;
        let failed: Vec<&&Run> =
            runs.iter().filter(|run| run.record.class != Class::Pass).collect();
        let mut failures = BTreeMap::new();
        failed.iter().for_each(|run| *failures.entry(run.record.class).or_default() += 1);
        let passed = count - failed.len() as u64;
        let finding = Finding::of(count, passed, blocked);
        let is_judged = matches!(finding, Finding::Ok | Finding::Flaky);
        // A run that is missing has not passed, so nobody gains by keeping runs from counting.
        let share = if is_judged { item.share.earned(passed, planned.max(count)) } else { 0.0 };
        TestResult {
            test: item.test.clone(),
            stage: item.stage.clone(),
            title: item.title.clone(),
            visibility: item.visibility,
            detail: item.detail,
            planned,
            runs: count,
            passed,
            failures,
            finding,
            rule: item.share.describe(),
            points: rounded(item.points * share),
            possible: item.points,
            first: failed.first().map(|run| FirstFailure::of(run)),
            failing_seeds: failed.iter().map(|run| run.record.seed).collect(),
        }
    }

    /// Whether runs are missing that should have been made.
    pub(crate) fn lacks_runs(&self) -> bool {
        let is_broken = self.finding == Finding::Broken && self.runs >= BROKEN_AFTER;
        let is_blocked = matches!(self.finding, Finding::NeedsOther(_));
        self.runs < self.planned && !is_broken && !is_blocked
    }
}

impl Finding {
    fn of(runs: u64, passed: u64, blocked: Option<String>) -> Self {
        match (blocked, runs, passed) {
            (Some(test), ..) => Finding::NeedsOther(test),
            (None, 0, _) => Finding::NotJudged,
            (None, _, 0) => Finding::Broken,
            (None, ..) if passed == runs => Finding::Ok,
            (None, ..) => Finding::Flaky,
        }
    }
}

impl FirstFailure {
    fn of(run: &Run) -> Self {
        let record = &run.record;
        FirstFailure {
            class: record.class,
            seed: Some(record.seed),
            expected: Foreign::new(record.expected.as_str()),
            seen: Foreign::new(record.seen.as_str()),
            details: Foreign::new(record.details.as_str()),
            virtual_seconds: record.simulated.as_ref().map(|run| run.virtual_seconds),
            picture: run.picture.clone(),
        }
    }
}
