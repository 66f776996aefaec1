//! JUnit XML, which continuous integration reads.

use std::time::Duration;

use quick_junit::{
    NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestRerun, TestSuite,
};

use super::text::{show_failures, show_rate};
use crate::results::{Finding, StudentResult, TestResult};
use crate::runlog::Outcome;

/// A suite for each stage, and a case for each test.
pub(super) fn render(student: &StudentResult) -> Result<String, String> {
    let mut report = Report::new(student.student.as_str());
    let mut stages: Vec<&str> = student.tests.iter().map(|test| test.stage.as_str()).collect();
    stages.dedup();
    report.add_test_suites(stages.into_iter().map(|stage| suite(student, stage)));
    report.to_string().map_err(|error| format!("cannot write the JUnit report: {error}"))
}

fn suite(student: &StudentResult, stage: &str) -> TestSuite {
    let mut suite = TestSuite::new(stage);
    let tests = student.tests.iter().filter(|test| test.stage == stage);
    suite.add_test_cases(tests.map(|test| case(student, test)));
    suite
}

fn case(student: &StudentResult, test: &TestResult) -> TestCase {
    let mut case = TestCase::new(test.test.as_str(), status(student, test));
    case.set_classname(test.stage.as_str());
    // Real times would make the report different each time it is written.
    case.set_time(Duration::ZERO);
    case.add_property(Property::new("rate", show_rate(test)));
    case.add_property(Property::new("points", test.points.to_string()));
    case
}

fn status(student: &StudentResult, test: &TestResult) -> TestCaseStatus {
    if !matches!(student.outcome, Outcome::Built | Outcome::Fault) {
        let what = student.outcome.describe();
        return failed(NonSuccessKind::Failure, student.message.clone(), what);
    }
    let first = test.first.as_ref();
    let class = first.map_or("", |first| first.class.describe());
    let seen = first.map_or("", |first| first.seen.as_str());
    let message = format!("{}; first: {seen}", show_failures(test));
    match &test.finding {
        Finding::Ok => TestCaseStatus::success(),
        Finding::Flaky => flaky(message, class),
        Finding::Broken => failed(NonSuccessKind::Failure, message, class),
        Finding::NeedsOther(other) => skipped(format!("{other} never passes")),
        Finding::NotJudged => {
            failed(NonSuccessKind::Error, "no run of it counts".to_owned(), "grader fault")
        }
    }
}

fn failed(kind: NonSuccessKind, message: String, class: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(message).set_type(class);
    status
}

/// A success with a failed rerun, which is how JUnit XML describes a flaky test.
fn flaky(message: String, class: &str) -> TestCaseStatus {
    let mut rerun = TestRerun::new(NonSuccessKind::Failure);
    rerun.set_type(class).set_message(message);
    let mut status = TestCaseStatus::success();
    status.add_rerun(rerun);
    status
}

fn skipped(message: String) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(message);
    status
}
