//! JUnit's XML, as continuous integration reads it.

use std::time::Duration;

use quick_junit::{
    NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestRerun, TestSuite,
};

use super::{show_failures, show_rate};
use crate::runlog::Outcome;
use crate::standing::{Finding, Standing, TestStanding};

/// A suite for each stage, and a case for each test.
pub(super) fn render(standing: &Standing) -> Result<String, String> {
    let mut report = Report::new(standing.student.as_str());
    let mut stages: Vec<&str> = standing.tests.iter().map(|test| test.stage.as_str()).collect();
    stages.dedup();
    for stage in stages {
        let mut suite = TestSuite::new(stage);
        for test in standing.tests.iter().filter(|test| test.stage == stage) {
            let mut case = TestCase::new(test.test.as_str(), status(standing, test));
            case.set_classname(stage);
            // Times differ from run to run; these reports do not.
            case.set_time(Duration::ZERO);
            case.add_property(Property::new("rate", show_rate(test)));
            case.add_property(Property::new("points", test.points.to_string()));
            suite.add_test_case(case);
        }
        report.add_test_suite(suite);
    }
    report.to_string().map_err(|error| format!("the JUnit report cannot be written: {error}"))
}

fn status(standing: &Standing, test: &TestStanding) -> TestCaseStatus {
    let failed = |kind, message: String, class: &str| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_message(message).set_type(class);
        status
    };
    if !matches!(standing.outcome, Outcome::Built | Outcome::Fault) {
        let what = standing.outcome.describe();
        return failed(NonSuccessKind::Failure, standing.message.clone(), what);
    }
    let first = test.first.as_ref();
    let class = first.map_or("", |first| first.class.describe());
    let seen = first.map_or("", |first| first.seen.as_str());
    match &test.finding {
        Finding::Ok => TestCaseStatus::success(),
        Finding::Flaky => {
            let mut status = TestCaseStatus::success();
            let mut rerun = TestRerun::new(NonSuccessKind::Failure);
            rerun.set_type(class).set_message(format!("{}; first: {seen}", show_failures(test)));
            status.add_rerun(rerun);
            status
        }
        Finding::Broken => failed(
            NonSuccessKind::Failure,
            format!("{}; first: {seen}", show_failures(test)),
            class,
        ),
        Finding::NeedsOther(other) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(format!("{other} never passes"));
            status
        }
        Finding::NotJudged => {
            failed(NonSuccessKind::Error, "no run of it counts".to_owned(), "grader fault")
        }
    }
}
