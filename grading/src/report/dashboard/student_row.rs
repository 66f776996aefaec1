//! The students, one in a row.

use std::collections::BTreeMap;

use crate::foreign::Foreign;
use crate::points::show_points;
use crate::report::text::{show_adjustment, show_reasons};
use crate::results::{Results, StudentResult};
use crate::runlog::Outcome;

/// The status of a student of whom nothing is missing.
const GRADED: &str = "graded";

/// A student. What is not known yet is empty.
#[derive(Default)]
pub(super) struct StudentRow<'a> {
    pub(super) student: Foreign,
    /// The path of the feedback, from the page.
    pub(super) feedback: String,
    pub(super) points: String,
    pub(super) adjustment: String,
    pub(super) reasons: Foreign,
    /// The points of each stage, before adjustments.
    pub(super) stages: Vec<String>,
    pub(super) status: &'static str,
    /// The test that fails most often, and how many of its runs passed.
    pub(super) worst: Option<(&'a str, u64, u64)>,
    /// The number of the set of students who have the same files.
    pub(super) same: Option<usize>,
    pub(super) isolation: Foreign,
}

impl StudentRow<'_> {
    /// Whether the student is graded, and nothing is missing.
    pub(super) fn is_graded(&self) -> bool {
        self.status == GRADED
    }
}

/// Everybody, in the order of names, and then those who have not been graded yet.
pub(super) fn rows(results: &Results) -> Vec<StudentRow<'_>> {
    let mut sets = BTreeMap::new();
    for (number, set) in results.same_files().into_iter().enumerate() {
        sets.extend(set.into_iter().map(|student| (&student.student, number + 1)));
    }
    let graded = results.students.iter().map(|student| StudentRow {
        same: sets.get(&student.student).copied(),
        ..of_student(student, &results.grading.stages)
    });
    let waiting = results.waiting.iter().map(|student| StudentRow {
        student: student.clone(),
        stages: vec![String::new(); results.grading.stages.len()],
        status: "not graded yet",
        ..StudentRow::default()
    });
    graded.chain(waiting).collect()
}

/// How many students have each status, in the order of the rows.
pub(super) fn statuses(rows: &[StudentRow<'_>]) -> Vec<(&'static str, usize)> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for row in rows {
        match counts.iter_mut().find(|(status, _)| *status == row.status) {
            Some((_, count)) => *count += 1,
            None => counts.push((row.status, 1)),
        }
    }
    counts
}

fn of_student<'a>(student: &'a StudentResult, stages: &[String]) -> StudentRow<'a> {
    let status = match student.outcome {
        Outcome::Built if student.incomplete => "incomplete",
        Outcome::Built => GRADED,
        other => other.describe(),
    };
    StudentRow {
        student: student.student.clone(),
        feedback: format!("students/{}/feedback.html", student.student.url_segment()),
        points: show_points(student.points),
        adjustment: show_adjustment(student),
        reasons: show_reasons(student),
        stages: stages.iter().map(|stage| show_points(student.stage_points(stage))).collect(),
        status,
        worst: student.worst().map(|test| (test.test.as_str(), test.passed, test.runs)),
        same: None,
        isolation: student.isolation.clone(),
    }
}
