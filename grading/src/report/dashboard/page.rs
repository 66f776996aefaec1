//! The page itself.

use askama::Template;

use super::discrimination::{Discrimination, FEWEST};
use super::distinct::distinct;
use super::failures::{self, FailureRow};
use super::flaky::{Flaky, flakiest};
use super::scores::Scores;
use super::student_row::{self, StudentRow};
use super::test_row::{self, TestRow};
use crate::foreign::Foreign;
use crate::report::page::{STYLE, policy};
use crate::results::{Results, StudentResult};
use crate::rubric::RubricId;
use crate::runlog::{Grading, Outcome};

/// Sorts and filters tables. The page is whole without it.
const SCRIPT: &str = include_str!("../../../templates/dashboard.js");

#[derive(Template)]
#[template(path = "dashboard.html")]
struct Dashboard<'a> {
    style: &'static str,
    script: &'static str,
    policy: String,
    grading: &'a Grading,
    rubric: &'a RubricId,
    /// The name of the rubric's file.
    rubric_name: Foreign,
    /// How many students are in the class.
    students: usize,
    statuses: Vec<(&'static str, usize)>,
    is_final: bool,
    scores: Scores,
    /// How many have handed something in, how many of their submissions differ, and how many of those compile.
    counts: [usize; 3],
    tests: Vec<TestRow<'a>>,
    /// None if there are too few students.
    discrimination: Option<Discrimination<'a>>,
    /// How many students are enough for the discrimination.
    fewest: usize,
    flaky: Vec<Flaky<'a>>,
    failures: Vec<FailureRow>,
    /// Who has handed in nothing.
    missing: Vec<&'a Foreign>,
    /// Who has the same files.
    same: Vec<Vec<&'a Foreign>>,
    has_adjustments: bool,
    /// What isolated submissions, each once.
    isolations: Vec<&'a Foreign>,
    rows: &'a [StudentRow<'a>],
}

/// The page of the whole class.
///
/// # Errors
///
/// If the page cannot be made.
pub(in crate::report) fn render(results: &Results) -> Result<String, String> {
    let rows = student_row::rows(results);
    let page = Dashboard::of(results, &rows);
    page.render().map_err(|error| format!("cannot write the dashboard: {error}"))
}

impl<'a> Dashboard<'a> {
    fn of(results: &'a Results, rows: &'a [StudentRow<'a>]) -> Self {
        let different = distinct(results);
        let is_built = |student: &&StudentResult| student.outcome == Outcome::Built;
        let class: Vec<_> = different.iter().copied().filter(is_built).collect();
        let discrimination = Discrimination::of(&class);
        Dashboard {
            style: STYLE,
            script: SCRIPT,
            policy: policy(Some(SCRIPT)),
            grading: &results.grading,
            rubric: &results.rubric,
            rubric_name: Foreign::new(results.rubric.name.as_str()),
            students: rows.len(),
            statuses: student_row::statuses(rows),
            is_final: results.is_final(),
            scores: Scores::of(results),
            counts: [results.handed_in().count(), different.len(), class.len()],
            tests: test_row::rows(&class, discrimination.as_ref()),
            discrimination,
            fewest: FEWEST,
            flaky: flakiest(&class),
            failures: failures::rows(&class),
            missing: results.missing().map(|student| &student.student).collect(),
            same: results.same_files().iter().map(|set| names(set)).collect(),
            has_adjustments: results.students.iter().any(|student| !student.adjustments.is_empty()),
            isolations: isolations(results),
            rows,
        }
    }
}

fn names<'a>(students: &[&'a StudentResult]) -> Vec<&'a Foreign> {
    students.iter().map(|student| &student.student).collect()
}

fn isolations(results: &Results) -> Vec<&Foreign> {
    let all = results.students.iter().map(|student| &student.isolation);
    let mut all: Vec<_> = all.filter(|isolation| !isolation.is_empty()).collect();
    all.sort();
    all.dedup();
    all
}
