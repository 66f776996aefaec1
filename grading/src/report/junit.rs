//! JUnit XML, which continuous integration reads: Jenkins by the schema `junit-10` of its xunit plugin, GitLab
//! by the elements alone.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestRerun, TestSuite};

use super::text::{show_failures, show_rate};
use super::visibility::StudentView;
use crate::foreign::Foreign;
use crate::points::show_points;
use crate::results::{Finding, StudentResult, TestResult};
use crate::rubric::Detail;
use crate::runlog::Outcome;

/// A suite for each stage, and a case for each test.
pub(super) fn render(view: &StudentView) -> Result<String, String> {
    let student = &view.result;
    let mut report = Report::new(student.student.xml());
    let mut stages: Vec<&str> = student.tests.iter().map(|test| test.stage.as_str()).collect();
    stages.dedup();
    report.add_test_suites(stages.into_iter().map(|stage| suite(student, stage)));
    let text = report.to_string();
    let text = text.map_err(|error| format!("cannot write the JUnit report: {error}"))?;
    Ok(without_total_of_skipped(&text))
}

/// Jenkins' schema knows the number of skipped tests of a suite, but none of all suites.
fn without_total_of_skipped(text: &str) -> String {
    let (head, rest) = text.split_once("<testsuite ").unwrap_or((text, ""));
    let Some((before, after)) = head.split_once(" skipped=\"") else {
        return text.to_owned();
    };
    let (_, after) = after.split_once('"').unwrap_or_default();
    let separator = if rest.is_empty() { "" } else { "<testsuite " };
    [before, after, separator, rest].concat()
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
    let points = format!("{} of {} points", show_points(test.points), show_points(test.possible));
    case.set_system_out(format!("{}, {points}", show_rate(test)));
    case
}

fn status(student: &StudentResult, test: &TestResult) -> TestCaseStatus {
    if !matches!(student.outcome, Outcome::Built | Outcome::Fault) {
        let what = student.outcome.describe();
        return failed(NonSuccessKind::Failure, student.message.xml(), what);
    }
    match &test.finding {
        Finding::Ok => TestCaseStatus::success(),
        // What earns nothing is no success, however often it has passed.
        Finding::Flaky if test.points > 0.0 => flaky(test),
        Finding::Flaky | Finding::Broken => failing(test),
        Finding::NeedsOther(other) => skipped(format!("{other} never passes")),
        Finding::NotJudged => {
            failed(NonSuccessKind::Error, "no run of it counts".to_owned(), "grader fault")
        }
    }
}

fn failing(test: &TestResult) -> TestCaseStatus {
    let mut status = failed(NonSuccessKind::Failure, failure_message(test), class(test));
    // GitLab shows the text alone, and Jenkins both.
    if let Some(first) = test.first.as_ref().filter(|_| test.detail == Detail::Message) {
        let [expected, seen] = [&first.expected, &first.seen].map(Foreign::lines);
        status.set_description(format!("expected  {expected}\nseen      {seen}"));
    }
    status
}

/// The way it failed first.
fn class(test: &TestResult) -> &'static str {
    test.first.as_ref().map_or("failed", |first| first.class.describe())
}

/// What is said about the failed runs of a test.
fn failure_message(test: &TestResult) -> String {
    match &test.first {
        None => show_rate(test),
        Some(first) if test.detail == Detail::Message => {
            format!("{}; first: {}", show_failures(test), first.seen.xml())
        }
        Some(_) => show_failures(test),
    }
}

fn failed(kind: NonSuccessKind, message: String, class: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(message).set_type(class);
    status
}

/// A success with a failed rerun, which is how JUnit XML describes a flaky test.
fn flaky(test: &TestResult) -> TestCaseStatus {
    let mut rerun = TestRerun::new(NonSuccessKind::Failure);
    rerun.set_type(class(test)).set_message(failure_message(test));
    let mut status = TestCaseStatus::success();
    status.add_rerun(rerun);
    status
}

fn skipped(message: String) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(message);
    status
}
